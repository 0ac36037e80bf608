"""One trial: a config trained in memory, and scored on validation alone."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from nlptrain.comparison.trials.trial import draw
from nlptrain.config.run import RunConfig
from nlptrain.config.search import SearchSection
from nlptrain.errors import TrainingError
from nlptrain.reporting.records import EvaluationRecord
from nlptrain.training.assembly import Training, assemble
from nlptrain.training.preparation import prepare

BUDGETS = (1, 2)
"""Quarters of a training at which it may be ended: at the first evaluation from each on."""
WHOLE = 4

KeepOn = Callable[[int, EvaluationRecord], bool]
"""Takes a budget and the best evaluation until then; returns whether to go on."""


@dataclass(frozen=True)
class TrialResult:
    """How the training of a trial went; scores are those of its best evaluation.

    Attributes:
        accuracy: On the validation split; None where there was no evaluation before it diverged.
        macro_f1: Likewise.
        loss: Likewise.
        best_step: Its step.
        steps: Updates in all; fewer than planned where it was ended early.
        seconds: Of preparation and training.
        parameters: Numbers that are trained.
        model_bytes: Size of the arrays in its model file.
        pruned: Whether it was ended early.
        diverged: Whether a loss or a gradient was not finite.
    """

    accuracy: float | None
    macro_f1: float | None
    loss: float | None
    best_step: int
    steps: int
    seconds: float
    parameters: int
    model_bytes: int
    pruned: bool = False
    diverged: bool = False


def trial_config(config: RunConfig, score: str) -> RunConfig:
    """Return what a trial trains: one thread, and the best evaluation by the score looked for.

    More threads would be in the way of other trials, and their number may change the last digits.
    """
    update = {"threads": config.training.threads or 1, "best_by": score}
    training = config.training.model_copy(update=update)
    return config.model_copy(update={"training": training, "search": SearchSection()})


def train_trial(config: RunConfig, keep_on: KeepOn) -> TrialResult:
    """Train a config, and ask at each budget whether to go on.

    Args:
        config: What to train; its seed decides everything.
        keep_on: Called at most once for each budget.

    Raises:
        ConfigError, DataError: The config cannot be trained on the data.
    """
    began = time.perf_counter()
    # Hardly any other trial has the same network, so the token ids are not kept for one.
    dataset = draw(config.data, config.text, config.seed)
    training = assemble(config, prepare(config, dataset))
    best: EvaluationRecord | None = None
    pruned, diverged, passed = False, False, 0
    try:
        for record in training.records():
            if not isinstance(record, EvaluationRecord):
                continue
            if record.is_best or best is None:
                best = record
            budget = _budget_at(record.step, training.plan.total_steps)
            if budget > passed:
                passed = budget
                pruned = not keep_on(budget, best)
            if pruned:
                break
    except TrainingError:
        diverged = True
    return TrialResult(
        accuracy=best.accuracy if best else None,
        macro_f1=best.macro_f1 if best else None,
        loss=best.loss if best else None,
        best_step=best.step if best else 0,
        steps=training.progress.step,
        seconds=time.perf_counter() - began,
        parameters=count_parameters(training),
        model_bytes=_count_bytes(training),
        pruned=pruned,
        diverged=diverged,
    )


def _budget_at(step: int, total: int) -> int:
    """Return the largest budget spent; the end of a training ends nothing early."""
    spent = WHOLE * step // total
    return max((each for each in BUDGETS if each <= spent < WHOLE), default=0)


def count_parameters(training: Training) -> int:
    """Count the numbers that a training changes, those of all members."""
    config = training.config
    shapes = training.preparation.architecture.trained_shapes(
        embedding_frozen=config.model.embedding.frozen
    )
    return config.training.members * sum(map(prod, shapes.values()))


def _count_bytes(training: Training) -> int:
    """Count the bytes of all arrays, as a model file would have them."""
    tables = training.preparation.architecture.tables
    halved = tables if any(e.half_precision for e in training.config.model.tables.values()) else ()
    return sum(
        array.size * np.dtype(np.float16).itemsize if name in halved else array.nbytes
        for name, array in training.learner.arrays().items()
    )
