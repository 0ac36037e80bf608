"""What a training tells: one record a step, one an evaluation. Plain numbers, nothing live."""

from dataclasses import dataclass

from nlptrain.evaluation.confusion import Confusion


@dataclass(frozen=True)
class StepRecord:
    """One update.

    Attributes:
        step: Updates so far, this one included.
        epoch: Pass over the training strings, from 1.
        loss: Mean loss of the batch, before the update.
        correct: Strings of the batch whose class was right, before the update.
        examples: Strings in the batch.
        learning_rate: The schedule's, for this step.
        grad_norm: Norm of the whole gradient before clipping; None where it was not measured.
        skipped: Whether no update was made, since the loss or the gradient was not finite.
    """

    step: int
    epoch: int
    loss: float
    correct: int
    examples: int
    learning_rate: float
    grad_norm: float | None
    skipped: bool = False


@dataclass(frozen=True)
class EvaluationRecord:
    """The validation scores after a step, beside training's since the last evaluation.

    Attributes:
        step: Updates so far.
        epoch: Pass over the training strings, from 1.
        train_loss: Mean over the strings since the last evaluation.
        train_accuracy: Share of them that was right, each before its update.
        loss: Mean over the validation strings.
        accuracy: Share of them that is right.
        macro_f1: Mean of the classes' F1.
        confusion: Validation strings by true and predicted class.
        is_best: Whether no earlier evaluation was as good.
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


Record = StepRecord | EvaluationRecord
