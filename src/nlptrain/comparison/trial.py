"""One trial: one optimizer setting trained from one seed, in memory."""

from dataclasses import dataclass
from functools import lru_cache

from nlptrain.config.optimizer import Optimizer
from nlptrain.config.run import RunConfig
from nlptrain.errors import TrainingError
from nlptrain.reporting.records import EvaluationRecord
from nlptrain.training.engine import build_learner
from nlptrain.training.loop import Progress, evaluate, train
from nlptrain.training.preparation import Preparation, build_plan, prepare


@dataclass(frozen=True)
class Trial:
    """One setting and one seed.

    Attributes:
        config: What all trials share: data, network, loop.
        optimizer: The setting.
        seed: Decides initial values, batches and dropout; the data stays the config's.
    """

    config: RunConfig
    optimizer: Optimizer
    seed: int


@dataclass(frozen=True)
class TrialResult:
    """What one trial came to.

    Attributes:
        seed: The trial's seed.
        steps: Updates before each evaluation; fewer where patience or divergence ended it.
        train_losses: Mean training loss since the evaluation before.
        validation_losses: At each evaluation.
        validation_accuracies: At each evaluation.
        test_accuracy: Of the best network by validation; of the start's, if there was none.
        test_loss: Of the same.
        diverged: Whether a loss was not finite, which ended the trial.
    """

    seed: int
    steps: list[int]
    train_losses: list[float]
    validation_losses: list[float]
    validation_accuracies: list[float]
    test_accuracy: float
    test_loss: float
    diverged: bool


def run_trial(trial: Trial) -> TrialResult:
    """Train once. Trials of one seed start from the same values and see the same batches."""
    preparation = prepare_once(trial.config)
    config = trial.config.model_copy(update={"optimizer": trial.optimizer, "seed": trial.seed})
    learner = build_learner(config, preparation)
    plan = build_plan(config, preparation)
    splits = preparation.splits
    best, diverged = learner.arrays(), False
    evaluations: list[EvaluationRecord] = []
    try:
        validation = splits["validation"]
        for record in train(learner, preparation.train_split, validation, plan, Progress()):
            if isinstance(record, EvaluationRecord):
                evaluations.append(record)
                if record.is_best:
                    best = learner.arrays()
    except TrainingError:
        diverged = True
    learner.load_arrays(best)
    scores = evaluate(learner, splits["test"], plan.loss)
    return TrialResult(
        seed=trial.seed,
        steps=[record.step for record in evaluations],
        train_losses=[record.train_loss for record in evaluations],
        validation_losses=[record.loss for record in evaluations],
        validation_accuracies=[record.accuracy for record in evaluations],
        test_accuracy=scores.accuracy,
        test_loss=scores.loss,
        diverged=diverged,
    )


@lru_cache(maxsize=1)
def prepare_once(config: RunConfig) -> Preparation:
    """Build the data once a process; every trial of a comparison has the same."""
    return prepare(config)
