"""Which contestants differ beyond chance: paired differences, seed by seed.

At a seed all contestants start from the same values and see the same batches, so the difference
at a seed is free of the luck that they share.
"""

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.intervals import Mean, bootstrap_mean
from nlptrain.comparison.statistics.summary import finished_trials, rank_contestants
from nlptrain.comparison.statistics.wording import POINT_DIGITS, loss_difference, points

FEWEST_SEEDS = 5
"""With 4, all seeds speak for one side by chance 1 time in 8; with 5, 1 time in 16."""

_FLOAT_DIGITS = 12  # closer to zero is rounding in the sums

Verdict = Literal["first better", "second better", "same", "not seen", "too few", "none"]


@dataclass(frozen=True)
class Difference:
    """Two contestants on the seeds where neither diverged.

    Attributes:
        first: The one ranked higher.
        second: The other.
        measure: Test accuracy; test loss where the accuracies are equal on every seed.
        mean: First minus second, on those seeds.
        left_out: Seeds on which one of them diverged.
        verdict: What can be said.
    """

    first: str
    second: str
    measure: Literal["accuracy", "loss"]
    mean: Mean
    left_out: int
    verdict: Verdict


def pair_differences(results: Results) -> list[Difference]:
    """Compare every two contestants, the better ranked ones first."""
    names = [standing.contestant for standing in rank_contestants(results)]
    return [_compare(results, first, second) for first, second in combinations(names, 2)]


def say_difference(difference: Difference) -> str:
    """Describe in a sentence what the difference comes to."""
    first, second, mean = difference.first, difference.second, difference.mean
    seeds = f"{mean.count} seed{'s' * (mean.count != 1)}"
    sentence = {
        "first better": f"{first} is better than {second} by {_amount(difference)}",
        "second better": f"{second} is better than {first} by {_amount(difference)}",
        "same": f"{first} and {second} score the same, with {seeds}",
        "not seen": f"no difference between {first} and {second} can be seen with {seeds}: "
        f"{_amount(difference)}",
        "too few": f"{first} and {second} cannot be told apart with {seeds}; "
        f"{FEWEST_SEEDS} are needed: {_amount(difference)}",
        "none": f"{first} and {second} cannot be compared: there is no seed on which neither "
        "diverged",
    }[difference.verdict]
    if difference.left_out and mean.count:
        left_out = f"{difference.left_out} seed{'s' * (difference.left_out != 1)}"
        sentence += f", without {left_out} on which one of them diverged"
    return sentence


def _compare(results: Results, first: str, second: str) -> Difference:
    own = {trial.seed: trial for trial in finished_trials(results, first)}
    other = {trial.seed: trial for trial in finished_trials(results, second)}
    pairs = [(own[seed], other[seed]) for seed in own if seed in other]
    accuracy = [_difference(pair, "test_accuracy") for pair in pairs]
    tie = not any(accuracy)
    mean = bootstrap_mean([_difference(pair, "test_loss") for pair in pairs] if tie else accuracy)
    return Difference(
        first=first,
        second=second,
        measure="loss" if tie else "accuracy",
        mean=mean,
        left_out=len(results.protocol.final_seeds) - len(pairs),
        verdict=_judge(mean, by_loss=tie),
    )


def _difference(pair: tuple[TrialRecord, TrialRecord], score: str) -> float:
    first, second = (getattr(trial, score) for trial in pair)
    return math.nan if first is None or second is None else float(first - second)


def _judge(mean: Mean, *, by_loss: bool) -> Verdict:
    if mean.count == 0 or math.isnan(mean.value):
        return "none"
    if mean.value == mean.low == mean.high == 0:
        return "same"
    if mean.count < FEWEST_SEEDS:
        return "too few"
    # As shown: an interval written with an end of 0.00 does not leave out zero.
    digits = _FLOAT_DIGITS if by_loss else 2 + POINT_DIGITS
    low, high = round(mean.low, digits), round(mean.high, digits)
    if low <= 0 <= high:
        return "not seen"
    return "second better" if (low > 0) == by_loss else "first better"


def _amount(difference: Difference) -> str:
    """Write the amount; between two of which one is better, without its sign."""
    mean = difference.mean
    better = difference.verdict in ("first better", "second better")
    if better and mean.value < 0:
        mean = Mean(-mean.value, -mean.high, -mean.low, mean.count)
    if difference.measure == "accuracy":
        return points(mean, signed=not better)
    return f"{loss_difference(mean, signed=not better)}, at equal accuracy"
