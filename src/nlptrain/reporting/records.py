"""The records of a training run: one per step, one per evaluation; plain numbers only."""

from dataclasses import dataclass, field

from nlptrain.evaluation.confusion import Confusion


@dataclass(frozen=True)
class StepRecord:
    """One update.

    Attributes:
        step: Updates so far, including this one.
        epoch: Number of the epoch, from 1.
        loss: Mean loss of the batch, before the update.
        correct: Correctly classified strings of the batch, before the update.
        examples: Strings in the batch.
        learning_rate: Learning rate of this step.
        grad_norm: Norm of the whole gradient before clipping; None if it was not measured.
        skipped: Whether the update was skipped because the loss or gradient was not finite.
        settled: Whether the network stands at this step; if not, records of steps that it has
            already made follow, and its state must not be saved before them.
    """

    step: int
    epoch: int
    loss: float
    correct: int
    examples: int
    learning_rate: float
    grad_norm: float | None
    skipped: bool = False
    settled: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class EvaluationRecord:
    """The validation scores after a step, and the training scores since the last evaluation.

    Attributes:
        step: Updates so far.
        epoch: Number of the epoch, from 1.
        train_loss: Mean over the training strings since the last evaluation.
        train_accuracy: Accuracy on these strings, each before its update.
        loss: Mean over the validation strings.
        accuracy: Validation accuracy.
        macro_f1: Mean F1 over the classes.
        confusion: Validation strings by true and predicted class.
        is_best: Whether it is better than all earlier evaluations.
    """

    step: int
    epoch: int
    train_loss: float
    train_accuracy: float
    loss: float
    accuracy: float
    macro_f1: float
    confusion: Confusion
    is_best: bool


@dataclass(frozen=True)
class TrainingMeans:
    """The training scores since the last such record, in a training without evaluations.

    Attributes:
        step: Updates so far.
        epoch: Number of the epoch, from 1.
        train_loss: Mean over these training strings.
        train_accuracy: Accuracy on them, each before its update.
    """

    step: int
    epoch: int
    train_loss: float
    train_accuracy: float


Record = StepRecord | EvaluationRecord | TrainingMeans


def is_settled(record: Record) -> bool:
    """Return whether the network's state can be saved at a record."""
    return not isinstance(record, StepRecord) or record.settled
