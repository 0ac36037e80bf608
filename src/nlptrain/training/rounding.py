"""What it costs on validation to save the vectors of n-grams as 16-bit floats."""

from dataclasses import dataclass
from typing import Any

from nlptrain.evaluation.metrics import score
from nlptrain.files.model_file import ModelFile
from nlptrain.training.encoded_split import compute_logits
from nlptrain.training.learner import Learner
from nlptrain.training.plan import Plan, Progress
from nlptrain.training.preparation import Preparation


@dataclass(frozen=True)
class Rounding:
    """Validation scores of one model before and after its vectors were rounded.

    Heads whose weights were fitted count with these after, and alike before.

    Attributes:
        best_by: The score that chose the model: accuracy, macro_f1 or loss.
        before: That score with the vectors as trained.
        after: With those of the model file.
        loss_before: The loss with the vectors as trained.
        loss_after: With those of the model file.
        weighed: Whether weights of heads were fitted in between.
    """

    best_by: str
    before: float
    after: float
    loss_before: float
    loss_after: float
    weighed: bool

    @property
    def sentence(self) -> str:
        """Both scores, for the user."""
        name = {"macro_f1": "macro F1"}.get(self.best_by, self.best_by)
        scores = f"validation {name} {self.after:.4f}, {self.before:.4f} before"
        return f"vectors of n-grams saved in 16 bits{', heads weighed' * self.weighed}: {scores}"

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values."""
        names = f"validation_{self.best_by}", "validation_loss"
        return {
            "as_trained": dict(zip(names, (self.before, self.loss_before), strict=True)),
            "half_precision": dict(zip(names, (self.after, self.loss_after), strict=True)),
        }


def measure_rounding(
    learner: Learner, preparation: Preparation, model: ModelFile, plan: Plan, progress: Progress
) -> Rounding | None:
    """Score a saved model on validation once more; None if nothing in its file is rounded.

    Args:
        learner: Has the model's arrays, as they were read from the file.
        preparation: The data.
        model: The best model.
        plan: Says what chose it.
        progress: Has its scores before it was saved.
    """
    if not model.half_precision:
        return None
    split = preparation.splits["validation"]
    after = score(compute_logits(learner.logits, split.texts), split.classes, plan.loss)
    loss, best_by = -progress.best[1], plan.best_by
    return Rounding(
        best_by=best_by,
        before=loss if best_by == "loss" else progress.best[0],
        after=getattr(after, best_by),
        loss_before=loss,
        loss_after=after.loss,
        weighed=bool(model.head_weights),
    )
