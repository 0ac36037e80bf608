"""Mean and spread of each optimizer over its seeds."""

from collections.abc import Sequence

import numpy as np

from nlptrain.comparison.optimizers import Contestant


def summarize(contestants: Sequence[Contestant]) -> list[tuple[str, ...]]:
    """Write a row an optimizer: name, learning rate, test accuracy, validation loss, diverged.

    Spread is the sample standard deviation over the seeds. A diverged training is counted, and
    its last loss shows as it is.
    """
    return [
        (
            contestant.name,
            f"{contestant.settings['learning_rate']:g}",
            _spread([result.test_accuracy for result in contestant.results], ".4f"),
            _spread([result.validation_losses[-1] for result in contestant.results], ".4g"),
            f"{sum(result.diverged for result in contestant.results)} of {len(contestant.results)}",
        )
        for contestant in contestants
    ]


def _spread(values: Sequence[float], form: str) -> str:
    mean = f"{np.mean(values):{form}}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):{form}}"
