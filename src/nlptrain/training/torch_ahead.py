"""The learner in torch on a device that works on while Python prepares the next steps."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.torch_nn.gradient import largest
from nlptrain.torch_nn.pace import Pace
from nlptrain.training.device_batch import DeviceBatch
from nlptrain.training.encoded_split import EncodedSplit
from nlptrain.training.learner import StepResult
from nlptrain.training.learner_ahead import BatchSource
from nlptrain.training.placed_split import place_split
from nlptrain.training.torch_learner import TorchLearner
from nlptrain.training.torch_state import Snapshot

DEVICES = ("cuda",)
"""Kinds of device for which waiting after each step costs time."""


def goes_ahead(architecture: Architecture, device: torch.device) -> bool:
    """Return whether a network is trained without waiting for each step.

    The rows of n-grams are found in host memory, so with them each step waits anyway.
    """
    return device.type in DEVICES and not architecture.tables


@dataclass(eq=False, slots=True)
class Unread:
    """What a step gives, on its device.

    Attributes:
        loss: Added up over the heads, a scalar.
        heads: How many there are.
        correct: Strings classified correctly, a scalar.
        largest: Of the gradient, a scalar, not finite if anything of it is not.
        grad_norm: Before clipping, a scalar; None if not measured.
    """

    loss: Tensor
    heads: int
    correct: Tensor
    largest: Tensor
    grad_norm: Tensor | None = None


@dataclass(eq=False, slots=True)
class Made:
    """A step made ahead, with all that it takes to make it again."""

    batch: DeviceBatch
    step: int
    learning_rate: float
    measure_gradient: bool
    unread: Unread


class TorchLearnerAhead(TorchLearner):
    """Trains a torch network without waiting for its device; implements `LearnerAhead`.

    A step's loss and gradient are looked at only with those of the steps after it. If one is not
    finite, all are taken back, to the state before the first of them, and made again one by one.
    So nothing is masked, whatever the optimizer, and what is read is what a learner that waits
    computes.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Build it as `TorchLearner`."""
        super().__init__(*arguments, **options)
        self._made: list[Made] = []
        self._pace = Pace(self.device)
        self._before: Snapshot
        self._placed: tuple[EncodedSplit, BatchSource] | None = None

    def place(self, split: EncodedSplit) -> BatchSource:
        """Copy a split to the device, unless it is there already."""
        if self._placed is None or self._placed[0] is not split:
            self._placed = None  # It frees its memory for the next.
            self._placed = split, place_split(split, self.device, self._float)
        return self._placed[1]

    def step_ahead(
        self, batch: DeviceBatch, *, step: int, learning_rate: float, measure_gradient: bool
    ) -> None:
        """Make a step, without waiting for it."""
        if not self._made:
            self._averaged.end()
            self._before = Snapshot([*self._dense, *self._statistics], self.optimizer)
        unread = self._compute_ahead(batch, step)
        unread.grad_norm = self._update(learning_rate, measure_gradient)
        self._pace.keep()
        self._made.append(Made(batch, step, learning_rate, measure_gradient, unread))

    def read(self) -> Iterator[StepResult]:
        """Wait for the steps made ahead, and yield what each gave."""
        made, self._made = self._made, []
        results = _read([each.unread for each in made])
        if all(each.finite for each in results):
            yield from results
            return
        self._before.restore()
        for each in made:
            yield self._make_again(each)

    def _make_again(self, made: Made) -> StepResult:
        """Make a step as `step` does: one that is not finite changes nothing."""
        statistics = [each.clone() for each in self._statistics]
        unread = self._compute_ahead(made.batch, made.step)
        (result,) = _read([unread])
        if not result.finite:
            self.restore_statistics(statistics)
            return result
        unread.grad_norm = self._update(made.learning_rate, made.measure_gradient)
        return _read([unread])[0]

    def _compute_ahead(self, batch: DeviceBatch, step: int) -> Unread:
        logits, loss, heads = self._differentiate(batch, step)
        correct = (_choose(logits) == batch.classes).sum()
        return Unread(loss.detach(), heads, correct, largest(self._dense))


def _choose(logits: Tensor) -> Tensor:
    """Decide the class of each string (B,), by the rule of `evaluation.decision`."""
    if logits.shape[1] > 1:
        return logits.softmax(dim=1).argmax(dim=1)
    return torch.sigmoid(logits[:, 0]) >= 0.5


def _read(steps: Sequence[Unread]) -> list[StepResult]:
    """Copy the numbers of all steps from their device, each kind at once."""
    losses = torch.stack([each.loss for each in steps]).tolist()
    correct = torch.stack([each.correct for each in steps]).tolist()
    extremes = torch.stack([each.largest for each in steps]).tolist()
    measured = [each.grad_norm for each in steps if each.grad_norm is not None]
    norms = iter(torch.stack(measured).tolist() if measured else ())
    results = []
    for each, loss, right, extreme in zip(steps, losses, correct, extremes, strict=True):
        value, norm = loss / each.heads, None if each.grad_norm is None else next(norms)
        finite = math.isfinite(value) and math.isfinite(extreme)
        results.append(StepResult(value, right, norm if finite else None, finite))
    return results
