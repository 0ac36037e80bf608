"""Mean and spread of each optimizer over its seeds."""

import math
from collections.abc import Sequence

import numpy as np

from nlptrain.comparison.optimizers import Contestant
from nlptrain.comparison.trial import TrialResult


def summarize(contestants: Sequence[Contestant]) -> list[tuple[str, ...]]:
    """Write a row an optimizer: name, learning rate, test accuracy, validation loss, diverged.

    Spread is the sample standard deviation over the seeds. A diverged training is counted, and
    makes the mean of the last losses no number.
    """
    return [
        (
            contestant.name,
            f"{contestant.settings['learning_rate']:g}",
            _spread([result.test_accuracy for result in contestant.results], ".4f"),
            _spread([_last_loss(result) for result in contestant.results], ".4g"),
            f"{sum(result.diverged for result in contestant.results)} of {len(contestant.results)}",
        )
        for contestant in contestants
    ]


def _last_loss(result: TrialResult) -> float:
    return math.nan if result.diverged else result.validation_losses[-1]


def _spread(values: Sequence[float], form: str) -> str:
    mean = f"{np.mean(values):{form}}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):{form}}"
