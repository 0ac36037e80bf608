"""How far contestants have come before the budget is used up."""

import math
from collections.abc import Sequence

from nlptrain.comparison.results import Results, TrialRecord

SHARES = {"at ¼": 0.25, "at ½": 0.5}
"""Shares of the budget at which contestants are looked at, by the header of their column."""


def find_budget(results: Results) -> int:
    """Return the most steps of any final trial; 0 where none was evaluated."""
    return max(
        (trial.steps[-1] for trial in results.trials if trial.stage == "final" and trial.steps),
        default=0,
    )


def early_accuracies(trials: Sequence[TrialRecord], budget: int) -> tuple[float, ...]:
    """Average the validation accuracies at each share of the budget.

    A trial counts with its last evaluation up to there.

    Args:
        trials: Final trials of one contestant.
        budget: Steps.

    Returns:
        One mean a share, between 0 and 1; NaN where a trial had not been evaluated by then.
    """
    return tuple(_mean_until(trials, share * budget) for share in SHARES.values())


def _mean_until(trials: Sequence[TrialRecord], step: float) -> float:
    found = [
        accuracy
        for trial in trials
        for accuracy in [
            accuracy
            for at, accuracy in zip(trial.steps, trial.validation_accuracies, strict=True)
            if at <= step
        ][-1:]
    ]
    return math.fsum(found) / len(found) if trials and len(found) == len(trials) else math.nan
