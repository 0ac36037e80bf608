"""The names under which numbers of a training are drawn, the same wherever they are reported."""

from nlptrain.reporting.records import EvaluationRecord, Record, StepRecord, TrainingMeans


def curves_of(record: Record) -> dict[str, float]:
    """Return a record's numbers by the name of their curve.

    `loss/train` and `accuracy/train` are of single batches, `…/train_mean` of all batches since the
    last evaluation.
    """
    if isinstance(record, StepRecord):
        return _step_curves(record)
    curves = {"loss/train_mean": record.train_loss, "accuracy/train_mean": record.train_accuracy}
    if isinstance(record, TrainingMeans):
        return curves
    return curves | _validation_curves(record)


def is_drawn(record: Record, every_steps: int) -> bool:
    """Return whether a record is reported: of steps every so many, without those skipped."""
    return not isinstance(record, StepRecord) or (
        record.step % every_steps == 0 and not record.skipped
    )


def _step_curves(record: StepRecord) -> dict[str, float]:
    curves = {
        "loss/train": record.loss,
        "accuracy/train": record.correct / record.examples,
        "learning_rate": record.learning_rate,
    }
    if record.grad_norm is not None:
        curves["grad_norm"] = record.grad_norm
    return curves


def _validation_curves(record: EvaluationRecord) -> dict[str, float]:
    return {
        "loss/validation": record.loss,
        "accuracy/validation": record.accuracy,
        "macro_f1/validation": record.macro_f1,
    }
