"""What contestants are compared by, and what counts for a trial that has nothing to show.

Each rule gives the same answer when two contestants swap their trials at a seed; so no choice made
here can favour one of two that are alike.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nlptrain.comparison.results import Protocol, Results, TrialRecord
from nlptrain.comparison.statistics.early import find_budget
from nlptrain.comparison.statistics.target import steps_to_target

Measure = Literal["accuracy", "steps", "loss"]

PENALTY = 2
"""A missed target counts as so many times the longest training: the PAR-2 score, by which solvers
that run out of time are compared in the SAT competitions."""


def measure_of(results: Results, first: str, second: str) -> Measure:
    """Return what two contestants are compared by: what the config says, or what tells them apart.

    Between two that both solve the task, a difference of accuracy is none to a user; they are
    compared by their steps to the target.
    """
    rank_by = results.protocol.rank_by
    if rank_by != "auto":
        return rank_by
    both = has_solved(results, first) and has_solved(results, second)
    return "steps" if both else "accuracy"


def has_solved(results: Results, contestant: str) -> bool:
    """Return whether every final trial is as good as without error, and reached the target."""
    protocol = results.protocol
    enough = 1 - protocol.negligible_accuracy
    return all(
        _accuracy(trial) >= enough and steps_to_target(trial, protocol.target_accuracy) is not None
        for trial in results.of(contestant, "final")
    )


def negligible(protocol: Protocol, measure: Measure) -> float:
    """Return up to which size a difference of `scores_of` is negligible."""
    return {
        "accuracy": protocol.negligible_accuracy,
        "steps": math.log1p(protocol.negligible_steps),
        "loss": 0.0,
    }[measure]


def scores_of(results: Results, contestant: str, measure: Measure) -> NDArray[np.float64]:
    """Return the score of each final trial, the higher the better.

    Test accuracy, with 0 for a trial that diverged; −log of the steps to the target; −test loss,
    with twice the highest of all contestants' for a trial that diverged.

    Returns:
        In the order of the final seeds: (seeds,).
    """
    trials = {trial.seed: trial for trial in results.of(contestant, "final")}
    own = [trials[seed] for seed in results.protocol.final_seeds]
    if measure == "accuracy":
        return np.array([_accuracy(trial) for trial in own])
    if measure == "steps":
        longest = find_budget(results) or 1
        target = results.protocol.target_accuracy
        steps = [steps_to_target(trial, target) or PENALTY * longest for trial in own]
        return -np.log(np.array(steps, np.float64))
    everyone = [trial for trial in results.trials if trial.stage == "final"]
    highest = max((loss for trial in everyone if (loss := _loss(trial)) is not None), default=1.0)
    losses = [_loss(trial) for trial in own]
    return -np.array([PENALTY * highest if loss is None else loss for loss in losses])


def _accuracy(trial: TrialRecord) -> float:
    return 0.0 if trial.diverged or trial.test_accuracy is None else trial.test_accuracy


def _loss(trial: TrialRecord) -> float | None:
    if trial.diverged or trial.test_loss is None or not math.isfinite(trial.test_loss):
        return None
    return trial.test_loss
