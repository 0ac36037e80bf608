"""The second training of `training.refit`: on validation strings too, as long as they chose."""

from dataclasses import dataclass, replace
from typing import Any

from nlptrain.config.run import RunConfig
from nlptrain.files.array_file import Arrays
from nlptrain.files.model_file import ModelFile
from nlptrain.training.assembly import Training, build_learner
from nlptrain.training.head_weights import scale_heads
from nlptrain.training.plan import Progress, build_refit_plan
from nlptrain.training.preparation import Preparation


@dataclass(frozen=True)
class Refit:
    """What a report says of both trainings.

    Attributes:
        steps: Of the second training, whose model is scored on the test split.
        epochs: The same in passes over its strings.
        skipped: Those of its steps without an update.
        strings: Of training and validation together.
        best_by: The validation score that chose the best step of the first training.
        validation_score: Of the first model, at that step.
        validation_loss: Likewise.
    """

    steps: int
    epochs: float
    skipped: int
    strings: int
    best_by: str
    validation_score: float
    validation_loss: float

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values: of the refitted model, then of the first one."""
        return {
            "scored_model": "refitted",
            "refit": {
                "trained_on": ["train", "validation"],
                "strings": self.strings,
                "steps": self.steps,
                "epochs": self.epochs,
                "skipped_steps": self.skipped,
            },
            "first_model": {
                "trained_on": ["train"],
                f"validation_{self.best_by}": self.validation_score,
                "validation_loss": self.validation_loss,
            },
        }


def begin_refit(training: Training) -> Training:
    """Build the second training, with the initial values of the first.

    Raises:
        DataError: The pre-trained vectors cannot be read.
    """
    config, first = training.config, training.progress
    preparation = training.preparation.join_validation()
    plan = build_refit_plan(config, training.preparation, first.best_step)
    learner = build_learner(config, preparation)
    return Training(config, preparation, learner, plan, Progress(), first=first)


def build_refitted_model(first: ModelFile, arrays: Arrays) -> ModelFile:
    """Replace the first model's arrays by the second training's; its decisions stay."""
    weighed = scale_heads(arrays, first.architecture, first.head_weights)
    return replace(first, arrays=weighed, refitted=True)


def describe_refit(training: Training) -> Refit | None:
    """Describe the second training; None for a first one."""
    first, plan = training.first, training.plan
    if first is None:
        return None
    score, loss = first.best[0], -first.best[1]
    best_by = training.config.training.best_by
    return Refit(
        steps=training.progress.step,
        epochs=training.progress.step / plan.steps_per_epoch,
        skipped=training.progress.skipped,
        strings=len(training.preparation.dataset.train),
        best_by=best_by,
        validation_score=loss if best_by == "loss" else score,
        validation_loss=loss,
    )


def refit_arrays(config: RunConfig, preparation: Preparation, first: Progress) -> Arrays:
    """Train again as `begin_refit` says, in memory, and return the arrays that predict.

    Raises:
        TrainingError: A step's loss or gradient is not finite.
    """
    joined = preparation.join_validation()
    plan = build_refit_plan(config, preparation, first.best_step)
    learner = build_learner(config, joined)
    training = Training(config, joined, learner, plan, Progress(), first=first)
    for _ in training.records():
        pass
    learner.begin_evaluation()
    return learner.arrays()
