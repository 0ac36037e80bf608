"""What the training loop needs from an engine whose device works on while Python does."""

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

from nlptrain.training.learner import Learner, StepResult


class BatchSource(Protocol):
    """Strings that come in batches."""

    def batches(self, batch_size: int, seed: int, epoch: int) -> Iterator[Any]:
        """Iterate over the batches of an epoch, a function of seed and epoch."""


@runtime_checkable
class LearnerAhead(Learner, Protocol):
    """A learner whose device makes several steps before anything of them is read."""

    def place(self, split: Any) -> BatchSource:
        """Return the batches of an `EncodedSplit`, in the memory of the device."""

    def step_ahead(
        self, batch: Any, *, step: int, learning_rate: float, measure_gradient: bool
    ) -> None:
        """Make a step as `step` does, from a placed batch, without waiting for it."""

    def read(self) -> Iterator[StepResult]:
        """Wait for the steps made ahead, and yield what each gave.

        When a step is yielded that was not finite, the learner stands before it; it makes the
        following ones as they are asked for.
        """
