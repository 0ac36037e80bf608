"""Many small networks trained side by side in one computation, by hand with NumPy.

A small network's step is mostly the overhead of calling NumPy; networks of one shape that are
trained on the same batches share those calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.optimizer import Optimizer
from nlptrain.config.training import TrainingSection
from nlptrain.files.array_file import Arrays
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.clipping import clip_norm
from nlptrain.numpy_nn.finite import are_finite
from nlptrain.numpy_nn.members import take
from nlptrain.numpy_nn.optimizer import Optimizer as OptimizerByHand
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.training.learner import Batch, ComputeLogits, Objective, StepResult
from nlptrain.training.numpy_learner import (
    average_last_row,
    build_optimizer,
    compute_gradients,
    count_correct,
    draw_mask,
)
from nlptrain.training.preparation import Preparation

FITTING_BYTES = 2 * 2**20
"""Size of a stack's widest array up to which more networks are faster.

Measured for all encoders with 16 to 64 features and batches of 32 and 64, on a processor with
512 KB of second-level cache per core: the time per network falls up to 32 networks of 32 to 96 KB;
beyond that (3 MB for Elman, 2 MB for GRU) the arrays between two layers no longer fit in a cache,
and it rises again.
"""


def networks_at_once(architecture: Architecture, positions: int, itemsize: int) -> int:
    """Return how many networks side by side are fastest; 1 if each is faster alone.

    Args:
        architecture: Of each.
        positions: Characters in a batch, including pads.
        itemsize: Bytes per number.
    """
    if architecture.tables:
        return 1  # The time goes into reading their rows.
    arrays = [
        each
        for encoder in architecture.encoders
        for each in encoder.parameters(architecture.embedding_dim).values()
    ]
    width = max(architecture.num_features, *(each.shape[0] for each in arrays), 1)
    return max(1, FITTING_BYTES // max(1, positions * width * itemsize))


def networks_in_training(preparation: Preparation, training: TrainingSection) -> int:
    """Return how many networks side by side train fastest, on batches of the mean length."""
    lengths = preparation.splits["train"].texts.lengths
    positions = int(min(training.batch_size, len(lengths)) * max(1.0, lengths.mean()))
    return networks_at_once(preparation.architecture, positions, np.dtype(training.dtype).itemsize)


def compute_logits_side_by_side(
    network: Classifier, ids: NDArray[np.int32], lengths: NDArray[np.int64]
) -> Floats:
    """Compute the logits of networks side by side, for as many at once as is fastest.

    Args:
        network: With arrays (M, …).
        ids: Token ids (B, T), 0 at pads.
        lengths: Characters of each string (B,).

    Returns:
        As for predictions: (M, B, 1 or C).
    """
    architecture, arrays = network.architecture, network.arrays
    weights = arrays[architecture.last_weight]
    size = networks_at_once(architecture, ids.size, weights.itemsize)
    parts = [
        Classifier(architecture, take(arrays, slice(start, start + size)))
        for start in range(0, len(weights), size)
    ]
    return np.concatenate([part.logits(ids, lengths) for part in parts])


@dataclass(frozen=True, eq=False)
class _Group:
    """Adjacent networks whose optimizers differ only in the learning rate."""

    place: slice
    sections: list[Optimizer]
    optimizer: OptimizerByHand


class StackedLearner:
    """M networks with the same architecture, initial values and batches, but different optimizers.

    Each computes the same as a `NumpyLearner` with its optimizer, bit for bit. Implements
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
        self.objective = objective
        self._trainable = architecture.trained_shapes(embedding_frozen=embedding_frozen)
        size = len(optimizers)
        stacked = {name: np.stack([each] * size) for name, each in arrays.items()}
        alike = groupby(optimizers, key=_without_learning_rate)
        self._begin(architecture, stacked, [list(group) for _, group in alike])

    @property
    def size(self) -> int:
        """The current number of networks, M."""
        return len(self._parameters.vector)

    # A network that diverges does not affect the others, and its loss shows it.
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
        self._end_evaluation()
        mask = draw_mask(self.network, len(batch.ids), self.objective.seed, step)
        logits, losses, grads = compute_gradients(self.network, self.objective, batch, mask)
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
        norm_list = [None] * self.size if norms is None else norms.ravel().tolist()
        columns = losses.tolist(), correct.tolist(), norm_list, finite.tolist()
        return [StepResult(*values) for values in zip(*columns, strict=True)]

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> Floats:
        """Compute logits as for predictions: (M, B, 1 or C)."""
        return compute_logits_side_by_side(self.network, ids, lengths)

    def begin_evaluation(self) -> None:
        """Put the parameters that predict in place, until the next step."""
        for group in self._groups:
            group.optimizer.begin_evaluation()
        if not self.objective.unknown_is_trained:
            average_last_row(self.network.arrays["embedding.weight"], self.objective.num_marks)

    def arrays(self, network: int, /) -> Arrays:
        """Copy a network's parameters and running statistics, by torch's names."""
        return {name: array[network].copy() for name, array in self.network.arrays.items()}

    def keep(self, networks: Sequence[int]) -> None:
        """Continue with only some of the networks, given by their indices, ascending."""
        self._end_evaluation()
        arrays = {name: array[list(networks)] for name, array in self.network.arrays.items()}
        sections, states = [], []
        for group in self._groups:
            start, stop = group.place.start, group.place.stop
            rows = [network - start for network in networks if start <= network < stop]
            if rows:
                sections.append([group.sections[row] for row in rows])
                # The step count, for one, is one number for the whole group.
                states.append(
                    {k: a[rows] if a.ndim else a for k, a in group.optimizer.state().items()}
                )
        self._begin(self.network.architecture, arrays, sections)
        for group, state in zip(self._groups, states, strict=True):
            group.optimizer.load_state(state)

    def compute_with(self, arrays: Arrays) -> ComputeLogits:
        """Return a function that computes the logits of a network with these arrays."""
        return Classifier(self.network.architecture, arrays).logits

    def _end_evaluation(self) -> None:
        for group in self._groups:
            group.optimizer.end_evaluation()

    def _begin(
        self, architecture: Architecture, arrays: Arrays, sections: list[list[Optimizer]]
    ) -> None:
        """Set up arrays (M, …), and an optimizer for each group of networks."""
        self._parameters = ParameterVector({n: arrays[n] for n in self._trainable}, leading=1)
        self._gradient = self._parameters.like()
        self.network = Classifier(architecture, {**arrays, **self._parameters.views})
        self._groups = []
        start = 0
        for each in sections:
            place = slice(start, start + len(each))
            optimizer = build_optimizer(each[0], self._parameters.networks(place), architecture)
            self._groups.append(_Group(place, each, optimizer))
            start = place.stop


def _without_learning_rate(section: Optimizer) -> Optimizer:
    """Return the settings that networks sharing an optimizer must have in common."""
    return section.model_copy(update={"learning_rate": 1.0})
