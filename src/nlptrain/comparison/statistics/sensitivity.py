"""How much a contestant's score depends on its learning rate, from the tuning trials."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nlptrain.comparison.results import Results, TrialRecord, settings_key
from nlptrain.comparison.statistics.intervals import Mean, mean_and_range

Edge = Literal["lower", "upper"]


@dataclass(frozen=True)
class Point:
    """One learning rate of a contestant.

    Attributes:
        learning_rate: What was tried.
        score: The validation score that decided, over the trials that did not diverge.
        loss: Their validation loss, at the same evaluation.
        diverged: Trials that diverged.
        trials: All trials at this learning rate, with the best values of other tuned settings.
    """

    learning_rate: float
    score: Mean
    loss: Mean
    diverged: int
    trials: int


def rank_trials(trials: Sequence[TrialRecord], tuned_by: str) -> tuple[float, ...]:
    """Return what candidates are compared by, the smallest first.

    The fewest trials that diverged; then the best mean validation score of the others, each with
    its best evaluation; then their lowest mean validation loss.

    Args:
        trials: Of one candidate, on all tuning seeds.
        tuned_by: accuracy, macro_f1 or loss.
    """
    diverged = sum(trial.diverged for trial in trials)
    kept = [trial for trial in trials if trial.best is not None and not trial.diverged]
    if not kept:
        return (diverged, math.inf, math.inf)
    means = [
        math.fsum(trial.validation_score(by) for trial in kept) / len(kept)
        for by in (tuned_by, "loss")
    ]
    return (diverged, means[0] if tuned_by == "loss" else -means[0], means[1])


def sensitivity_of(results: Results, contestant: str) -> list[Point]:
    """Return a point for each learning rate tried, ascending; none where nothing was tuned.

    Where a rate was tried with several values of other settings, it counts with the best of them.
    """
    trials = results.of(contestant, "tuning")
    rates = sorted({trial.learning_rate for trial in trials})
    return [_best_point(rate, trials, results.protocol.tuned_by) for rate in rates]


def edge_of(results: Results, contestant: str) -> Edge | None:
    """Return whether the chosen learning rate is the lowest or the highest that was tried."""
    rates = [point.learning_rate for point in sensitivity_of(results, contestant)]
    if len(rates) < 2:
        return None
    chosen = results.chosen[contestant]
    return "lower" if chosen <= rates[0] else "upper" if chosen >= rates[-1] else None


def _best_point(rate: float, trials: Sequence[TrialRecord], tuned_by: str) -> Point:
    by_settings: dict[str, list[TrialRecord]] = {}
    for trial in trials:
        if trial.learning_rate == rate:
            by_settings.setdefault(settings_key(trial.settings), []).append(trial)
    best = min(by_settings.values(), key=lambda group: rank_trials(group, tuned_by))
    return _point(rate, best, tuned_by)


def _point(rate: float, trials: list[TrialRecord], tuned_by: str) -> Point:
    kept = [trial for trial in trials if not trial.diverged]
    return Point(
        learning_rate=rate,
        score=mean_and_range([trial.validation_score(tuned_by) for trial in kept]),
        loss=mean_and_range([trial.validation_score("loss") for trial in kept]),
        diverged=len(trials) - len(kept),
        trials=len(trials),
    )
