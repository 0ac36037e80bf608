"""One trial: one config trained from one seed, in memory."""

import time
from dataclasses import dataclass
from functools import lru_cache

from nlptrain.comparison.results import Stage, TrialRecord
from nlptrain.config.optimizer import AdamSection
from nlptrain.config.run import RunConfig
from nlptrain.config.training import TrainingSection
from nlptrain.errors import TrainingError
from nlptrain.reporting.records import EvaluationRecord
from nlptrain.training.engine import build_learner
from nlptrain.training.loop import Progress, evaluate, train
from nlptrain.training.preparation import Preparation, build_plan, prepare


@dataclass(frozen=True)
class Trial:
    """One training to be done.

    Attributes:
        contestant: What it is a trial of.
        stage: Only a final trial reads the test split.
        config: All that decides it but the seed; its own seed decides the data.
        seed: Decides initial values, batches and dropout.
    """

    contestant: str
    stage: Stage
    config: RunConfig
    seed: int


def run_trial(trial: Trial) -> TrialRecord:
    """Train once. Trials of one seed and network start from the same values, on the same batches."""
    preparation = prepare_for(trial.config)
    config = trial.config.model_copy(update={"seed": trial.seed})
    learner = build_learner(config, preparation)
    plan = build_plan(config, preparation)
    splits = preparation.splits
    arrays, best, diverged = None, None, False
    evaluations: list[EvaluationRecord] = []
    seconds: list[float] = []
    began = time.perf_counter()
    try:
        for record in train(learner, splits["train"], splits["validation"], plan, Progress()):
            if isinstance(record, EvaluationRecord):
                if record.is_best:
                    arrays, best = learner.arrays(), len(evaluations)
                evaluations.append(record)
                seconds.append(time.perf_counter() - began)
    except TrainingError:
        diverged = True
    scores = None
    if trial.stage == "final" and arrays is not None:
        learner.load_arrays(arrays)
        scores = evaluate(learner, splits["test"], plan.loss)
    return TrialRecord(
        contestant=trial.contestant,
        stage=trial.stage,
        learning_rate=trial.config.optimizer.learning_rate,
        seed=trial.seed,
        steps=tuple(record.step for record in evaluations),
        seconds=tuple(seconds),
        train_losses=tuple(record.train_loss for record in evaluations),
        validation_losses=tuple(record.loss for record in evaluations),
        validation_accuracies=tuple(record.accuracy for record in evaluations),
        validation_macro_f1s=tuple(record.macro_f1 for record in evaluations),
        best=best,
        test_accuracy=scores.accuracy if scores else None,
        test_loss=scores.loss if scores else None,
        diverged=diverged,
    )


def prepare_for(config: RunConfig) -> Preparation:
    """Build data and network's description; trials that differ in training alone share them."""
    return _prepare(
        config.model_copy(update={"optimizer": AdamSection(), "training": TrainingSection()})
    )


@lru_cache(maxsize=8)
def _prepare(config: RunConfig) -> Preparation:
    return prepare(config)
