"""When a training first reached the target, and how contestants compare by that (the profile)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.comparison.results import Results, TrialRecord


@dataclass(frozen=True)
class Reach:
    """How many of a contestant's final trials reached the target, and how soon.

    Attributes:
        reached: Trials that did.
        trials: All of them; one that did not is in no median.
        steps: Median updates among those that did; None where none did.
        seconds: Median training time among those that did.
    """

    reached: int
    trials: int
    steps: float | None
    seconds: float | None


def find_target(trial: TrialRecord, target_accuracy: float) -> int | None:
    """Find the first evaluation, from 0, whose validation accuracy is at least the target.

    None for a trial that never reached it, and for one that diverged.
    """
    if trial.diverged:
        return None
    return next(
        (
            place
            for place, accuracy in enumerate(trial.validation_accuracies)
            if accuracy >= target_accuracy
        ),
        None,
    )


def steps_to_target(trial: TrialRecord, target_accuracy: float) -> int | None:
    """Return the updates until the target; None where it was missed."""
    place = find_target(trial, target_accuracy)
    return None if place is None else trial.steps[place]


def seconds_to_target(trial: TrialRecord, target_accuracy: float) -> float | None:
    """Return the training time until the target; None where it was missed."""
    place = find_target(trial, target_accuracy)
    return None if place is None else trial.seconds[place]


def reach_of(results: Results, contestant: str) -> Reach:
    """Count the contestant's final trials that reached the target; take the median of those."""
    trials = results.of(contestant, "final")
    target = results.protocol.target_accuracy
    places = [find_target(trial, target) for trial in trials]
    hits = [
        (trial.steps[place], trial.seconds[place])
        for trial, place in zip(trials, places, strict=True)
        if place is not None
    ]
    if not hits:
        return Reach(0, len(trials), None, None)
    steps, seconds = np.median(np.array(hits, np.float64), axis=0).tolist()
    return Reach(len(hits), len(trials), steps, seconds)


def performance_profile(results: Results) -> dict[str, NDArray[np.float64]]:
    """Compute how many times the fastest contestant's steps each one took, seed by seed.

    The share of these ratios that is at most τ is the contestant's performance profile at τ
    (Dolan & Moré 2002, "Benchmarking optimization software with performance profiles").

    Returns:
        By contestant (seeds,), ascending; infinite where the target was missed.
    """
    protocol = results.protocol
    steps = np.full((len(protocol.contestants), len(protocol.final_seeds)), math.inf)
    for row, contestant in enumerate(protocol.contestants):
        for trial in results.of(contestant.name, "final"):
            needed = steps_to_target(trial, protocol.target_accuracy)
            if needed is not None:
                steps[row, protocol.final_seeds.index(trial.seed)] = needed
    fastest = steps.min(axis=0)
    # Where all missed, ∞ / ∞ is no ratio: they all missed.
    with np.errstate(invalid="ignore"):
        ratios = np.where(np.isinf(steps), math.inf, steps / fastest)
    return {
        contestant.name: np.sort(row)
        for contestant, row in zip(protocol.contestants, ratios, strict=True)
    }


def profile_at(ratios: NDArray[np.float64], tau: float) -> float:
    """Return the share of ratios (…,) that are at most τ; an infinite one is nowhere reached."""
    return float((np.isfinite(ratios) & (ratios <= tau)).mean())
