"""Several networks trained as one model, side by side and by hand with NumPy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.optimizer import Optimizer
from nlptrain.files.array_file import Arrays
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.clipping import clip_norm
from nlptrain.numpy_nn.finite import are_finite
from nlptrain.numpy_nn.members import join_logits, stack, take
from nlptrain.training.learner import Batch, Computed, Differential, Objective
from nlptrain.training.numpy_learner import NumpyLearner, compute_gradients, draw_mask
from nlptrain.training.stacked_learner import compute_logits_side_by_side


class MembersSideBySide(NumpyLearner):
    """M networks with arrays (M, …) that learn from the same batches, and predict together.

    Each learns what a `NumpyLearner` with its initial values and its seed does, bit for bit: its
    gradient is that of its own loss, and is clipped by its own norm. Losses and norms are reported
    as the mean over the members, and the strings classified correctly are those of all together.
    If the numbers of one are not finite, none is updated. Implements `Learner`.
    """

    def __init__(
        self,
        architecture: Architecture,
        arrays: Arrays,
        objective: Objective,
        *,
        embedding_frozen: bool,
        optimizer: Optimizer,
        seeds: Sequence[int],
        at_once: int,
    ) -> None:
        """Copy arrays (M, …).

        Args:
            architecture: Of each member.
            arrays: The members' initial values.
            objective: What each member minimizes.
            embedding_frozen: Whether their embeddings stay as they are.
            optimizer: Of each member.
            seeds: Determine each member's dropout masks: (M,).
            at_once: How many members to compute side by side.
        """
        super().__init__(
            architecture,
            arrays,
            objective,
            embedding_frozen=embedding_frozen,
            optimizer=optimizer,
            leading=1,
        )
        self._seeds = seeds
        starts = range(0, len(seeds), at_once)
        places = [slice(start, start + at_once) for start in starts]
        self._parts = [
            (place, self._view(place), self._gradient.networks(place)) for place in places
        ]

    def compute(self, batch: Batch, step: int) -> Computed:
        """Do the first half of a step for all members: forward, loss, backward."""
        self.optimizer.end_evaluation()
        before = [each.copy() for each in self._statistics]
        logits, losses = self._differentiate(batch, self._draw_masks(len(batch.ids), step))
        finite = np.isfinite(losses).all() and are_finite(self._gradient.vector).all()
        return Computed(join_logits(logits), float(losses.mean()), bool(finite), before)

    @np.errstate(all="ignore")
    def differentiate(self, batch: Batch, *, step: int) -> Differential:
        """Compute what `step` would compute before its update, and change nothing: (M, …)."""
        self.optimizer.end_evaluation()
        before = [each.copy() for each in self._statistics]
        masks = self._draw_masks(len(batch.ids), step)
        _, losses = self._differentiate(batch, masks)
        outputs = [
            self._view(member).outputs(
                batch.ids,
                batch.lengths,
                training=True,
                dropout=None if masks is None else masks[member],
            )
            for member in range(len(self._seeds))
        ]
        self.restore_statistics(before)
        return Differential(
            float(losses.mean()),
            stack(outputs),
            {name: gradient.copy() for name, gradient in self._gradient.views.items()},
        )

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> Floats:
        """Compute the logits of all members together, as for predictions: (B, 1 or C)."""
        return join_logits(compute_logits_side_by_side(self.network, ids, lengths))

    def _differentiate(self, batch: Batch, masks: Floats | None) -> tuple[Floats, Floats]:
        """Compute logits (M, B, 1 or C) and losses (M,), and keep the gradients."""
        logits, losses = [], []
        for place, networks, gradient in self._parts:
            mask = None if masks is None else masks[place]
            own_logits, own_losses, grads = compute_gradients(networks, self.objective, batch, mask)
            gradient.fill(grads)
            logits.append(own_logits)
            losses.append(own_losses)
        return np.concatenate(logits), np.concatenate(losses)

    def _view(self, which: int | slice) -> Classifier:
        """View one member, or some side by side."""
        return Classifier(self.network.architecture, take(self.network.arrays, which))

    def _draw_masks(self, batch_size: int, step: int) -> Floats | None:
        """Draw the dropout masks of a step (M, B, F); None without dropout."""
        masks = [draw_mask(self.network, batch_size, seed, step) for seed in self._seeds]
        drawn = [mask for mask in masks if mask is not None]
        return np.stack(drawn) if drawn else None

    def _clip(self, gradient: Sequence[Floats], measure: bool) -> float | None:
        """Clip each member's gradient (M, P), and return the mean norm before that, if known."""
        limit = self.objective.max_grad_norm
        if limit is not None:
            return float(clip_norm(gradient[0], limit).mean())
        return float(np.linalg.norm(gradient[0], axis=-1).mean()) if measure else None
