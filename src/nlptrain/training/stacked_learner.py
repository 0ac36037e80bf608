"""Many small networks that learn side by side in one computation, by hand with NumPy.

A small network's step is mostly the cost of calling NumPy; networks of one shape that see the same
batches share those calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.optimizer import Optimizer
from nlptrain.files.storage import Arrays
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats, Grads
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.clipping import clip_norm
from nlptrain.numpy_nn.finite import are_finite
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.optimizer import Optimizer as OptimizerByHand
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.training.learner import Batch, ComputeLogits, Objective, StepResult
from nlptrain.training.numpy_learner import (
    build_optimizer,
    count_correct,
    draw_mask,
    settle_last_row,
    trainable_names,
)

FITTING_BYTES = 2 * 2**20
"""Size of a stack's widest array up to which more networks are faster.

Measured for all encoders with 16 to 64 features at batches of 32 and 64, on a processor with 512 KB
of second-level cache a core: up to 32 networks of 32 to 96 KB the time of each falls, beyond that
(3 MB of an Elman network, 2 MB of a GRU) the arrays between two layers no longer stay in a cache,
and it rises again.
"""


def networks_at_once(architecture: Architecture, positions: int, itemsize: int) -> int:
    """Return how many networks are fastest side by side; 1: each is faster alone.

    Args:
        architecture: Of each.
        positions: Characters of a batch, pads included.
        itemsize: Bytes of a number.
    """
    arrays = architecture.encoder.parameters(architecture.embedding_dim).values()
    width = max(architecture.num_features, *(each.shape[0] for each in arrays), 1)
    return max(1, FITTING_BYTES // max(1, positions * width * itemsize))


@dataclass(frozen=True, eq=False)
class _Group:
    """Networks next to each other whose optimizers differ in the learning rate alone."""

    place: slice
    sections: list[Optimizer]
    optimizer: OptimizerByHand


class StackedLearner:
    """M networks of one architecture that start alike, see the same, and are updated differently.

    Each computes what a `NumpyLearner` with its optimizer computes, bit for bit. Implements
    `LearnerStack`.
    """

    def __init__(
        self,
        architecture: Architecture,
        arrays: Arrays,
        objective: Objective,
        *,
        embedding_frozen: bool,
        optimizers: Sequence[Optimizer],
    ) -> None:
        """Copy the initial arrays for each network, and make the optimizers."""
        self.objective = objective
        self._trainable = trainable_names(architecture, embedding_frozen=embedding_frozen)
        size = len(optimizers)
        stacked = {name: np.stack([each] * size) for name, each in arrays.items()}
        alike = groupby(optimizers, key=_without_learning_rate)
        self._begin(architecture, stacked, [list(group) for _, group in alike])

    @property
    def size(self) -> int:
        """How many networks there are now: M."""
        return len(self._parameters.vector)

    # A network that diverges disturbs no other, and its loss tells of it.
    @np.errstate(all="ignore")
    def step(
        self,
        batch: Batch,
        *,
        step: int,
        learning_rates: NDArray[np.float64],
        measure_gradient: bool,
    ) -> list[StepResult]:
        """Update each network once, at its learning rate (M,)."""
        logits, losses, grads = self._differentiate(batch, step)
        gradient = self._gradient.vector
        self._gradient.fill(grads)
        finite = np.isfinite(losses) & are_finite(gradient)
        limit, norms = self.objective.max_grad_norm, None
        if limit is not None:
            norms = clip_norm(gradient, limit)
        elif measure_gradient:
            norms = np.linalg.norm(gradient, axis=-1)
        for group in self._groups:
            place = group.place
            group.optimizer.step(gradient[place], learning_rates[place, None])
        correct = count_correct(logits, batch.classes)
        columns = losses.tolist(), correct.tolist(), _to_list(norms, self.size), finite.tolist()
        return [StepResult(*values) for values in zip(*columns, strict=True)]

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> Floats:
        """Compute logits as in predicting: (M, B, 1 or C), of as many at once as is fast."""
        architecture, arrays = self.network.architecture, self.network.arrays
        size = networks_at_once(architecture, ids.size, self._parameters.vector.itemsize)
        parts = [
            Classifier(architecture, {n: a[start : start + size] for n, a in arrays.items()})
            for start in range(0, self.size, size)
        ]
        return np.concatenate([part.logits(ids, lengths) for part in parts])

    def settle_unknown(self) -> None:
        """Set the embedding of characters never seen in training to the mean of the others."""
        if not self.objective.unknown_is_trained:
            settle_last_row(self.network.arrays["embedding.weight"])

    def arrays(self, network: int, /) -> Arrays:
        """Copy out a network's parameters and running statistics, by torch's names."""
        return {name: array[network].copy() for name, array in self.network.arrays.items()}

    def keep(self, networks: Sequence[int]) -> None:
        """Go on with some of the networks only; their numbers, ascending."""
        arrays = {name: array[list(networks)] for name, array in self.network.arrays.items()}
        sections, states = [], []
        for group in self._groups:
            start, stop = group.place.start, group.place.stop
            rows = [network - start for network in networks if start <= network < stop]
            if rows:
                sections.append([group.sections[row] for row in rows])
                # The count of steps is one number for the whole group.
                states.append(
                    {k: a[rows] if a.ndim else a for k, a in group.optimizer.state().items()}
                )
        self._begin(self.network.architecture, arrays, sections)
        for group, state in zip(self._groups, states, strict=True):
            group.optimizer.load_state(state)

    def compute_with(self, arrays: Arrays) -> ComputeLogits:
        """Return what computes the logits of a network of these arrays."""
        return Classifier(self.network.architecture, arrays).logits

    def _differentiate(self, batch: Batch, step: int) -> tuple[Floats, Floats, Grads]:
        """Compute logits (M, B, 1 or C), losses (M,) and gradients (M, …)."""
        objective = self.objective
        mask = draw_mask(
            self.network.architecture,
            len(batch.ids),
            seed=objective.seed,
            step=step,
            dtype=self._gradient.vector.dtype.name,
        )
        logits, to_grads = self.network.forward(
            batch.ids, batch.lengths, training=True, dropout=mask
        )
        losses, grad = loss(objective.loss, logits, batch.classes, objective.class_weights)
        return logits, losses, to_grads(grad)

    def _begin(
        self, architecture: Architecture, arrays: Arrays, sections: list[list[Optimizer]]
    ) -> None:
        """Take arrays (M, …), and make an optimizer for each group of the networks."""
        self._parameters = ParameterVector({n: arrays[n] for n in self._trainable}, leading=1)
        self._gradient = self._parameters.like()
        self.network = Classifier(architecture, {**arrays, **self._parameters.views})
        self._groups = []
        start = 0
        for each in sections:
            place = slice(start, start + len(each))
            optimizer = build_optimizer(each[0], self._parameters.networks(place))
            self._groups.append(_Group(place, each, optimizer))
            start = place.stop


def _to_list(norms: Floats | None, size: int) -> list[float] | list[None]:
    return [None] * size if norms is None else norms.ravel().tolist()


def _without_learning_rate(section: Optimizer) -> Optimizer:
    """Return what must be alike for one optimizer to update networks side by side."""
    return section.model_copy(update={"learning_rate": 1.0})
