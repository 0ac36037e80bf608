"""Which contestants differ beyond chance: paired differences, seed by seed.

At a seed all contestants start from the same values and see the same batches, so the difference
at a seed is free of the luck that they share.
"""

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.intervals import Mean
from nlptrain.comparison.statistics.measure import Measure, measure_of, negligible, scores_of
from nlptrain.comparison.statistics.sign_flips import (
    ERROR,
    HolmStep,
    correct_for_many,
    fewest_seeds,
    flip_signs,
)
from nlptrain.comparison.statistics.wording import loss_difference, p_value, points, times_the_steps

Verdict = Literal["better", "small", "equal", "not seen", "too few", "same"]
"""The first is better; it is, by an amount that may be negligible; the difference is negligible;
none is seen; no difference could be seen with so few seeds; the scores are the same."""


@dataclass(frozen=True)
class Difference:
    """Two contestants, on all final seeds.

    Attributes:
        first: The better one where there is one, else the one that the config names first.
        second: The other.
        measure: What they are compared by.
        mean: First minus second over the seeds, in accuracy or in loss; the first's steps divided
            by the second's, as a geometric mean.
        p_value: Of the sign-flip test.
        adjusted_p_value: By Holm's correction over all pairs.
        confidence: Of the interval: that of the pair's step in Holm's correction.
        verdict: What can be said.
    """

    first: str
    second: str
    measure: Measure
    mean: Mean
    p_value: float
    adjusted_p_value: float
    confidence: float
    verdict: Verdict


def pair_differences(results: Results) -> list[Difference]:
    """Compare every two contestants, in the config's order."""
    names = [contestant.name for contestant in results.protocol.contestants]
    pairs = [_Pair.of(results, *names) for names in combinations(names, 2)]
    steps = correct_for_many([flip_signs(pair.differences).p_value for pair in pairs])
    return [
        _compare(results, pair, step, len(pairs)) for pair, step in zip(pairs, steps, strict=True)
    ]


def say_difference(difference: Difference) -> str:
    """Describe in a sentence what the difference comes to."""
    first, second = difference.first, difference.second
    both, count = f"{first} and {second}", difference.mean.count
    seeds = f"{count} seed{'s' * (count != 1)}"
    beats = {"accuracy": "is better than", "steps": "is faster than", "loss": "is better than"}
    sentence = {
        "better": f"{first} {beats[difference.measure]} {second}: {_amount(difference)}",
        "small": f"{both} differ, by an amount that may be negligible: {_amount(difference)}",
        "equal": f"{both} are practically equal: {_amount(difference)}",
        "not seen": f"no difference between {both} can be seen with {seeds}: {_amount(difference)}",
        "too few": f"{both} cannot be told apart with {seeds}: {_amount(difference)}",
        "same": f"{both} are the same on every seed",
    }[difference.verdict]
    if difference.verdict in ("same", "too few"):
        return sentence
    return f"{sentence}, {p_value(difference.adjusted_p_value)}"


@dataclass(frozen=True)
class _Pair:
    """Two contestants and their differences by seed, positive where the first is better."""

    first: str
    second: str
    measure: Measure
    differences: tuple[float, ...]

    @classmethod
    def of(cls, results: Results, first: str, second: str) -> "_Pair":
        measure = measure_of(results, first, second)
        own, other = (scores_of(results, name, measure) for name in (first, second))
        # What is closer to zero is rounding, of one loss computed in two ways.
        return cls(first, second, measure, tuple(np.round(own - other, 12).tolist()))


def _compare(results: Results, pair: _Pair, step: HolmStep, pairs: int) -> Difference:
    test = flip_signs(pair.differences)
    mean = Mean(float(np.mean(pair.differences)), *test.interval(step.error), len(pair.differences))
    verdict: Verdict = "same"
    if any(pair.differences):
        threshold = negligible(results.protocol, pair.measure)
        verdict = _judge(mean, step, threshold, fewest_seeds(pairs))
    first, second = pair.first, pair.second
    if verdict == "better" and mean.value < 0:
        first, second = second, first
        mean = Mean(-mean.value, -mean.high, -mean.low, mean.count)
    return Difference(
        first=first,
        second=second,
        measure=pair.measure,
        mean=_in_unit(mean, pair.measure),
        p_value=test.p_value,
        adjusted_p_value=step.p_value,
        confidence=1 - step.error,
        verdict=verdict,
    )


def _judge(mean: Mean, step: HolmStep, threshold: float, fewest: int) -> Verdict:
    if mean.count < fewest:
        return "too few"
    if -threshold <= mean.low and mean.high <= threshold:
        return "equal"
    if step.p_value > ERROR:
        return "not seen"
    return "better" if abs(mean.value) > threshold else "small"


def _in_unit(mean: Mean, measure: Measure) -> Mean:
    """Turn a difference of scores, the higher the better, into what is shown."""
    if measure == "accuracy":
        return mean
    value, low, high = -mean.value, -mean.high, -mean.low
    if measure == "steps":
        value, low, high = (math.exp(each) for each in (value, low, high))
    return Mean(value, low, high, mean.count)


def _amount(difference: Difference) -> str:
    """Write the amount, and its sign where none of the two is better."""
    if difference.measure == "steps":
        return times_the_steps(difference.mean)
    signed = difference.verdict != "better"
    if difference.measure == "loss":
        return loss_difference(difference.mean, signed=True)
    return points(difference.mean, signed=signed)
