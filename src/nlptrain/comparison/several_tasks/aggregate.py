"""Scores over several tasks: interquartile means, probabilities of improvement, one profile.

After Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical Precipice":
all seeds of all tasks are taken together, and the bootstrap resamples seeds within each task.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.intervals import Mean
from nlptrain.comparison.statistics.target import performance_profile

CONFIDENCE = 0.95
RESAMPLES = 10_000
BOOTSTRAP_SEED = 0

Scores = NDArray[np.float64]
"""Test accuracies: tasks × seeds."""


@dataclass(frozen=True)
class Improvement:
    """How probably a run of one contestant scores higher than one of another, on a random task.

    Attributes:
        first: A contestant.
        second: Another one.
        probability: That the first scores higher; a draw counts as half.
    """

    first: str
    second: str
    probability: Mean


def collect_scores(tasks: Sequence[Results]) -> dict[str, Scores]:
    """Return each contestant's final test accuracies: (tasks, seeds).

    A trial that diverged, or was never evaluated, counts as always saying the most frequent class.

    Args:
        tasks: Comparisons of the same contestants on as many seeds.
    """
    names = [contestant.name for contestant in tasks[0].protocol.contestants]
    return {name: np.array([_scores_of(task, name) for task in tasks]) for name in names}


def _scores_of(task: Results, name: str) -> list[float]:
    return [_score(trial, task.protocol.majority) for trial in task.of(name, "final")]


def _score(trial: TrialRecord, majority: float) -> float:
    return majority if trial.diverged or trial.test_accuracy is None else trial.test_accuracy


def interquartile_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average the middle half of the last axis: a quarter, rounded down, goes at each end."""
    count = values.shape[-1]
    cut = count // 4
    middle: NDArray[np.float64] = np.sort(values)[..., cut : count - cut].mean(axis=-1)
    return middle


def score_over_tasks(scores: Scores) -> Mean:
    """Take the interquartile mean over all tasks and seeds, with its interval."""
    tasks, seeds = scores.shape
    value = float(interquartile_mean(scores.ravel()))
    resampled = np.take_along_axis(scores[None], _resample(tasks, seeds), axis=-1)
    return _with_interval(value, interquartile_mean(resampled.reshape(RESAMPLES, -1)), scores)


def probability_of_improvement(first: Scores, second: Scores) -> Mean:
    """Compute the mean over tasks of P(a run of the first > a run of the second) (section 4.3).

    Every seed of one meets every seed of the other: on one task, it is the statistic of Mann and
    Whitney divided by the number of pairs.
    """
    tasks, seeds = first.shape
    wins = np.sign(first[:, :, None] - second[:, None, :]) / 2 + 0.5
    # Both share a seed's start and batches, so a resample has the same seeds of both.
    counts = _count(tasks, seeds)
    resampled = np.einsum("rti,tij,rtj->r", counts, wins, counts, optimize=True)
    return _with_interval(float(wins.mean()), resampled / (tasks * seeds**2), first)


def improvements(scores: dict[str, Scores]) -> list[Improvement]:
    """Compare every contestant with every other, in both directions."""
    return [
        Improvement(first, second, probability_of_improvement(scores[first], scores[second]))
        for first in scores
        for second in scores
        if first != second
    ]


def profile_over_tasks(tasks: Sequence[Results]) -> dict[str, NDArray[np.float64]]:
    """Gather the ratios of `performance_profile` of all tasks and seeds, ascending."""
    profiles = [performance_profile(task) for task in tasks]
    return {
        name: np.sort(np.concatenate([profile[name] for profile in profiles]))
        for name in profiles[0]
    }


@lru_cache(maxsize=2)
def _count(tasks: int, seeds: int) -> NDArray[np.float64]:
    """Count how often each resample holds each seed: (RESAMPLES, tasks, seeds)."""
    places = _resample(tasks, seeds)
    return np.stack([(places == seed).sum(axis=-1) for seed in range(seeds)], -1).astype(float)


@lru_cache(maxsize=2)
def _resample(tasks: int, seeds: int) -> NDArray[np.int64]:
    """Draw which seeds each resample holds, within each task: (RESAMPLES, tasks, seeds)."""
    generator = np.random.default_rng(BOOTSTRAP_SEED)
    return generator.integers(seeds, size=(RESAMPLES, tasks, seeds))


def expanded_tail(tasks: int, seeds: int) -> float:
    """Return the share of resamples that an interval leaves out at either end.

    With few seeds the percentile interval is too narrow, so its quantiles are read further out
    (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", The American Statistician
    69, section 5.3): each task has n seeds, hence √(n / (n − 1)), and k tasks have together
    k (n − 1) degrees of freedom.

    Args:
        tasks: k.
        seeds: n, at least 2.
    """
    from scipy.special import ndtr, stdtrit

    quantile = stdtrit(tasks * (seeds - 1), (1 + CONFIDENCE) / 2)
    return float(ndtr(-math.sqrt(seeds / (seeds - 1)) * quantile))


def _with_interval(value: float, resampled: NDArray[np.float64], scores: Scores) -> Mean:
    """Read the interval from the resamples; without several seeds there is none."""
    tasks, seeds = scores.shape
    if seeds < 2:
        return Mean(value, value, value, 1)
    tail = expanded_tail(tasks, seeds)
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Mean(value, float(low), float(high), scores.size)
