"""Which learning rates are tried, and which of them is taken."""

import math
from collections.abc import Sequence

from nlptrain.comparison.results import TrialRecord
from nlptrain.comparison.statistics.sensitivity import tuning_score

RATE_FACTOR = math.sqrt(10)
"""From one learning rate to the next: two steps are a power of ten."""


def learning_rate_grid(center: float, points: int) -> tuple[float, ...]:
    """Space learning rates evenly on a logarithmic scale around one, three digits each.

    An even number of points has one more below the center than above.
    """
    return tuple(_round(center * RATE_FACTOR ** (place - points // 2)) for place in range(points))


def choose_rate(trials: Sequence[TrialRecord], tuned_by: str) -> float:
    """Choose the learning rate of a contestant by its tuning trials.

    That on which the fewest diverged; among those the best mean validation score, each trial
    counting with its best evaluation; then the lowest mean validation loss; then the smallest.

    Args:
        trials: All tuning trials of one contestant.
        tuned_by: accuracy, macro_f1 or loss.
    """
    rates = sorted({trial.learning_rate for trial in trials})
    return min(rates, key=lambda rate: _rank(trials, rate, tuned_by))


def wider_rate(
    tried: Sequence[float], grid: Sequence[float], chosen: float, max_widenings: int
) -> float | None:
    """Find the learning rate to try next: beyond the end where the best stands, if it does.

    Args:
        tried: All so far, two at least.
        grid: Those at first.
        chosen: The best so far.
        max_widenings: How many may be added beyond each end.
    """
    rates = sorted(tried)
    # Ten times the one before: two steps are a power of ten, so the numbers stay round.
    if chosen == rates[0] and sum(rate < min(grid) for rate in rates) < max_widenings:
        return _round(rates[1] / 10)
    if chosen == rates[-1] and sum(rate > max(grid) for rate in rates) < max_widenings:
        return _round(rates[-2] * 10)
    return None


def _rank(trials: Sequence[TrialRecord], rate: float, tuned_by: str) -> tuple[float, ...]:
    own = [trial for trial in trials if trial.learning_rate == rate]
    diverged = sum(trial.diverged for trial in own)
    kept = [trial for trial in own if trial.best is not None and not trial.diverged]
    if not kept:
        return (diverged, math.inf, math.inf)
    means = [
        math.fsum(tuning_score(trial, by) for trial in kept) / len(kept)
        for by in (tuned_by, "loss")
    ]
    return (diverged, means[0] if tuned_by == "loss" else -means[0], means[1])


def _round(rate: float) -> float:
    return float(f"{rate:.3g}")
