"""What the training loop asks of an engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nlptrain.files.storage import Arrays
from nlptrain.settings import kinds

ComputeLogits = Callable[[NDArray[np.int32], NDArray[np.int64]], NDArray[np.floating]]
"""(ids (B, T), lengths (B,)) → logits (…, B, 1 or C)."""

OPTIMIZER_PREFIX = "optimizer"
"""Before the names of the optimizer's arrays in a learner's state."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Some training strings.

    Attributes:
        ids: Token ids (B, T), 0 at pads.
        lengths: Characters of each string (B,).
        classes: Class indices (B,).
    """

    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]
    classes: NDArray[np.int64]


@dataclass(frozen=True)
class StepResult:
    """What one update saw, before it.

    Attributes:
        loss: Mean over the batch.
        correct: Strings whose class was right.
        grad_norm: Norm of the whole gradient, before clipping; None where not measured.
        finite: Whether loss and gradient are finite numbers. If not, nothing was updated.
    """

    loss: float
    correct: int
    grad_norm: float | None
    finite: bool = True


@dataclass(frozen=True, eq=False)
class Differential:
    """A step's loss and what leads to its update, without the update.

    Attributes:
        loss: Mean over the batch.
        outputs: What each layer gives, in their order; (N, …) at the N real positions of all
            strings, (B, …) from the readout on.
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
        max_grad_norm: The gradient's norm is clipped to this; None: not clipped.
        seed: Decides the dropout masks, with the step.
        unknown_is_trained: Whether `[unk]` occurs in the training strings.
    """

    loss: kinds.Loss
    class_weights: NDArray[np.floating] | None
    max_grad_norm: float | None
    seed: int
    unknown_is_trained: bool


class Learner(Protocol):
    """A network, its loss and its optimizer, in some engine."""

    def step(
        self, batch: Batch, *, step: int, learning_rate: float, measure_gradient: bool
    ) -> StepResult:
        """Update the parameters once, unless the loss or the gradient is not finite.

        Args:
            batch: The strings to learn from.
            step: Updates so far; decides the dropout masks.
            learning_rate: For this update.
            measure_gradient: Whether the gradient's norm is wanted.
        """

    def differentiate(self, batch: Batch, *, step: int) -> Differential:
        """Compute what `step` would see, and change nothing."""

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as in predicting: (B, 1 or C)."""

    def settle_unknown(self) -> None:
        """Set the embedding of characters never seen in training to the mean of the others."""

    def arrays(self) -> Arrays:
        """Copy out the parameters and running statistics, by torch's names."""

    def state(self) -> Arrays:
        """Copy out all that the next step depends on: the arrays and the optimizer's state."""

    def load_arrays(self, arrays: Arrays) -> None:
        """Take what `arrays` gave."""

    def load_state(self, state: Arrays) -> None:
        """Take what `state` gave."""


class LearnerStack(Protocol):
    """M networks that see the same batches, each with an optimizer of its own."""

    @property
    def size(self) -> int:
        """How many networks there are now: M."""

    def step(
        self,
        batch: Batch,
        *,
        step: int,
        learning_rates: NDArray[np.float64],
        measure_gradient: bool,
    ) -> list[StepResult]:
        """Update each network once, at its learning rate (M,).

        One whose loss or gradient is not finite is of no use from then on, unless it is alone.
        """

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as in predicting: (M, B, 1 or C)."""

    def settle_unknown(self) -> None:
        """Set the embedding of characters never seen in training to the mean of the others."""

    def arrays(self, network: int, /) -> Arrays:
        """Copy out a network's parameters and running statistics, by torch's names."""

    def keep(self, networks: Sequence[int]) -> None:
        """Go on with some of the networks only; their numbers, ascending."""

    def compute_with(self, arrays: Arrays) -> ComputeLogits:
        """Return what computes the logits of a network of these arrays; the stack has ended."""


class Alone:
    """One learner as a stack; implements `LearnerStack`."""

    size = 1

    def __init__(self, learner: Learner) -> None:
        """Take the learner, which stays as it is between two steps."""
        self._learner = learner
        self.settle_unknown = learner.settle_unknown

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
            self._learner.step(
                batch, step=step, learning_rate=rate, measure_gradient=measure_gradient
            )
        ]

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as in predicting: (1, B, 1 or C)."""
        return self._learner.logits(ids, lengths)[None]

    def arrays(self, _network: int, /) -> Arrays:
        """Copy out the network's arrays."""
        return self._learner.arrays()

    def keep(self, networks: Sequence[int]) -> None:
        """Keep the one network."""

    def compute_with(self, arrays: Arrays) -> ComputeLogits:
        """Return what computes the logits of a network of these arrays."""
        self._learner.load_arrays(arrays)
        return self._learner.logits
