"""Which learning rates and other settings are tried, and which of them are taken."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from nlptrain.comparison.results import Candidate, TrialRecord
from nlptrain.comparison.statistics.sensitivity import rank_trials
from nlptrain.config.optimizer import Optimizer

RATE_FACTOR = math.sqrt(10)
"""From one learning rate to the next: two steps are a power of ten."""
MOST_RATES = 7
"""Learning rates, three powers of ten, that more trials are not spent on while other settings are
tuned too."""


def learning_rate_grid(center: float, points: int) -> tuple[float, ...]:
    """Space learning rates evenly on a logarithmic scale around one, three digits each.

    An even number of points has one more below the center than above.
    """
    return tuple(_round(center * RATE_FACTOR ** (place - points // 2)) for place in range(points))


def count_rates(trials: int, combinations: int) -> int:
    """Return how many learning rates are tried, if each trial is to try something else."""
    return max(min(trials, MOST_RATES), -(-trials // combinations))


def draw_candidates(
    rates: Sequence[float], tune: Mapping[str, Sequence[Any]], trials: int, seed: int
) -> tuple[Candidate, ...]:
    """Draw from all combinations of learning rates and other values, none twice.

    Each learning rate, and each value of each setting, is drawn about equally often; otherwise
    chance decides. As many trials as there are combinations try them all.

    Args:
        rates: Ascending.
        tune: The values of each setting.
        trials: How many to draw.
        seed: Decides the draw.

    Returns:
        By learning rate, then in the order of the values.
    """
    chance = np.random.default_rng(seed).random
    combinations = list(product(*(range(len(values)) for values in tune.values())))
    order = sorted(range(len(rates)), key=lambda _: chance())
    used: Counter[tuple[int, int]] = Counter()
    drawn: Counter[tuple[int, ...]] = Counter()
    found: list[tuple[int, tuple[int, ...]]] = []

    def wear(places: tuple[int, ...]) -> tuple[int, int, float]:
        return sum(used[pair] for pair in enumerate(places)), drawn[places], chance()

    for number in range(trials):
        rate = order[number % len(rates)]
        places = min((each for each in combinations if (rate, each) not in found), key=wear)
        used.update(enumerate(places))
        drawn[places] += 1
        found.append((rate, places))
    return tuple(
        Candidate(
            rates[rate],
            {name: tune[name][place] for name, place in zip(tune, places, strict=True)},
        )
        for rate, places in sorted(found)
    )


def tuned_optimizer(optimizer: Optimizer, candidate: Candidate) -> Optimizer:
    """Add what is tried to an optimizer."""
    values = {"learning_rate": candidate.learning_rate, **candidate.settings}
    return type(optimizer).model_validate({**optimizer.model_dump(), **values})


def choose_candidate(
    tried: Sequence[Candidate], trials: Sequence[TrialRecord], tuned_by: str
) -> Candidate:
    """Choose what a contestant is trained with in the end, by its tuning trials.

    That on which the fewest diverged; among those the best mean validation score, each trial
    counting with its best evaluation; then the lowest mean validation loss; then the smallest
    learning rate; then the first of those tried.

    Args:
        tried: What there is to choose from.
        trials: Tuning trials of it.
        tuned_by: accuracy, macro_f1 or loss.
    """
    ordered = sorted(tried, key=lambda candidate: candidate.learning_rate)
    return min(
        ordered,
        key=lambda candidate: rank_trials(
            [trial for trial in trials if trial.candidate == candidate], tuned_by
        ),
    )


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
    rates = sorted(set(tried))
    # Ten times the one before: two steps are a power of ten, so the numbers stay round.
    if chosen == rates[0] and sum(rate < min(grid) for rate in rates) < max_widenings:
        return _round(rates[1] / 10)
    if chosen == rates[-1] and sum(rate > max(grid) for rate in rates) < max_widenings:
        return _round(rates[-2] * 10)
    return None


def _round(rate: float) -> float:
    return float(f"{rate:.3g}")
