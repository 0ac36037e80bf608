"""What the training loop needs from an engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.optimizer import Optimizer
from nlptrain.files.array_file import Arrays
from nlptrain.settings import kinds

ComputeLogits = Callable[[NDArray[np.int32], NDArray[np.int64]], NDArray[np.floating]]
"""(ids (B, T), lengths (B,)) → logits (…, B, 1 or C)."""

OPTIMIZER_PREFIX = "optimizer"
"""Prefix of the optimizer's arrays in a learner's state."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Some training strings.

    Attributes:
        ids: Token ids (B, T), 0 at pads.
        lengths: Characters of each string (B,).
        classes: Class indices (B,).
        weights: Of each string in the loss (B,), with the mean 1 over all training strings; None:
            all alike.
    """

    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]
    classes: NDArray[np.int64]
    weights: NDArray[np.floating] | None = None


@dataclass(frozen=True)
class StepResult:
    """What a step computed before its update.

    Attributes:
        loss: Mean over the batch, and over the heads, if there are several.
        correct: Strings that were classified correctly.
        grad_norm: Norm of the whole gradient, before clipping; None if not measured.
        finite: Whether loss and gradient are finite. If not, nothing was updated.
    """

    loss: float
    correct: int
    grad_norm: float | None
    finite: bool = True


@dataclass(frozen=True, eq=False)
class Differential:
    """A step's forward and backward pass, without the update.

    Attributes:
        loss: Mean over the batch, and over the heads, if there are several.
        outputs: Of each layer, in order; (N, …) at the N real positions of all strings, (B, …)
            from the readout on.
        gradients: By trained parameter, before clipping.
    """

    loss: float
    outputs: Arrays
    gradients: Arrays


@dataclass(frozen=True, eq=False)
class Objective:
    """What a learner minimizes, and how.

    Attributes:
        loss: mse, bce or cross_entropy.
        class_weights: Weight of each class (C,), or None.
        max_grad_norm: The gradient's norm is clipped to this, if not None.
        seed: With the step, determines the dropout masks.
        unknown_is_trained: Whether `[unk]` occurs in the training strings.
        table_rate: Learning rate of the vectors of n-grams; None for the optimizer's.
        table_optimizer: What updates them; None for the optimizer of all others.
        num_marks: Token ids before `[unk]` that are no characters.
        label_smoothing: Share of a string's label that is spread over all classes.
    """

    loss: kinds.Loss
    class_weights: NDArray[np.floating] | None
    max_grad_norm: float | None
    seed: int
    unknown_is_trained: bool
    table_rate: float | None = None
    table_optimizer: Optimizer | None = None
    num_marks: int = 0
    label_smoothing: float = 0.0

    def table_factor(self, learning_rate: float) -> float:
        """Return how many times an optimizer's learning rate that of the n-grams' vectors is."""
        return 1.0 if self.table_rate is None else self.table_rate / learning_rate


class Learner(Protocol):
    """A network, its loss and its optimizer, in some engine."""

    def step(
        self, batch: Batch, *, step: int, learning_rate: float, measure_gradient: bool
    ) -> StepResult:
        """Update the parameters once, unless the loss or the gradient is not finite.

        Args:
            batch: The strings to learn from.
            step: Updates so far; determines the dropout masks.
            learning_rate: For this update.
            measure_gradient: Whether to compute the gradient's norm.
        """

    def differentiate(self, batch: Batch, *, step: int) -> Differential:
        """Compute what `step` would compute before its update, and change nothing."""

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as for predictions: (B, 1 or C)."""

    def begin_evaluation(self) -> None:
        """Put the parameters that predict in place, until the next step.

        An optimizer may train some and predict with an average of them. And the embedding of
        characters never seen in training becomes the mean of the others.
        """

    def arrays(self) -> Arrays:
        """Copy the parameters and running statistics in place, by torch's names."""

    def state(self) -> Arrays:
        """Copy all that the next step depends on: the arrays that it trains and its optimizer's.

        This ends an evaluation.
        """

    def load_arrays(self, arrays: Arrays) -> None:
        """Restore what `arrays` returned."""

    def load_state(self, state: Arrays) -> None:
        """Restore what `state` returned."""


@dataclass(frozen=True, eq=False)
class Computed:
    """What a step computes before its update.

    Attributes:
        logits: As in training (B, 1 or C).
        loss: Mean over the batch.
        finite: Whether loss and gradient are finite.
        statistics: The running statistics before the step.
    """

    logits: NDArray[np.floating]
    loss: float
    finite: bool
    statistics: Sequence[Any]


class LearnerInHalves(Learner, Protocol):
    """A learner whose step has two halves, so that several can agree on the second."""

    def compute(self, batch: Batch, step: int) -> Computed:
        """Do the first half of a step: all that comes before its update."""

    def update(self, learning_rate: float, measure_gradient: bool) -> float | None:
        """Do the second half, and return the gradient's norm before clipping, if known."""

    def restore_statistics(self, before: Sequence[Any]) -> None:
        """Do without the second half: undo a batch's effect on batch normalization."""


class LearnerStack(Protocol):
    """M networks trained on the same batches, each with its own optimizer."""

    @property
    def size(self) -> int:
        """The current number of networks, M."""

    def step(
        self,
        batch: Batch,
        *,
        step: int,
        learning_rates: NDArray[np.float64],
        measure_gradient: bool,
    ) -> list[StepResult]:
        """Update each network once, at its learning rate (M,).

        Unless it is the only one, a network whose loss or gradient is not finite is then invalid.
        """

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as for predictions: (M, B, 1 or C)."""

    def begin_evaluation(self) -> None:
        """Put the parameters that predict in place, until the next step: as in `Learner`."""

    def arrays(self, network: int, /) -> Arrays:
        """Copy a network's parameters and running statistics, by torch's names."""

    def keep(self, networks: Sequence[int]) -> None:
        """Continue with only some of the networks, given by their indices, ascending."""

    def compute_with(self, arrays: Arrays) -> ComputeLogits:
        """Return a function that computes a network's logits, after training has ended."""


class SingleLearner:
    """One learner as a stack; implements `LearnerStack`."""

    size = 1

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self.begin_evaluation = learner.begin_evaluation

    def step(
        self,
        batch: Batch,
        *,
        step: int,
        learning_rates: NDArray[np.float64],
        measure_gradient: bool,
    ) -> list[StepResult]:
        """Update the network once."""
        rate = float(learning_rates[0])
        return [
            self.learner.step(
                batch, step=step, learning_rate=rate, measure_gradient=measure_gradient
            )
        ]

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as for predictions: (1, B, 1 or C)."""
        return self.learner.logits(ids, lengths)[None]

    def arrays(self, _network: int, /) -> Arrays:
        """Copy the network's arrays."""
        return self.learner.arrays()

    def keep(self, networks: Sequence[int]) -> None:
        """Keep the one network."""

    def compute_with(self, arrays: Arrays) -> ComputeLogits:
        """Load the arrays, and return the learner's `logits`."""
        self.learner.load_arrays(arrays)
        return self.learner.logits
