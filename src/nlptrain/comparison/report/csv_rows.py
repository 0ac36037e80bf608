"""The ranking in plain numbers, a row a contestant, for a paper's table or a program."""

import math

from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.intervals import Mean
from nlptrain.comparison.statistics.summary import Standing, rank_contestants
from nlptrain.reporting.export import CsvCell

RANKING_HEADER = (
    "rank",
    "contestant",
    "learning_rate",
    "validation_accuracy_at_quarter",
    "validation_accuracy_at_half",
    "test_accuracy_mean",
    "test_accuracy_lowest",
    "test_accuracy_highest",
    "test_loss_mean",
    "test_loss_lowest",
    "test_loss_highest",
    "reached_target",
    "median_steps_to_target",
    "diverged",
    "trials",
)


def ranking_csv(results: Results) -> list[tuple[CsvCell, ...]]:
    """Make a row a contestant, the best first; accuracies are between 0 and 1."""
    return [_row(standing) for standing in rank_contestants(results)]


def _row(standing: Standing) -> tuple[CsvCell, ...]:
    return (
        standing.rank,
        standing.contestant,
        standing.learning_rate,
        *(None if math.isnan(early) else early for early in standing.early),
        *mean_cells(standing.test_accuracy),
        *mean_cells(standing.test_loss),
        standing.reach.reached,
        standing.reach.steps,
        standing.diverged,
        standing.trials,
    )


def mean_cells(mean: Mean) -> tuple[CsvCell, CsvCell, CsvCell]:
    """Return a mean, the lowest and the highest value; None where there is none."""
    value = None if math.isnan(mean.value) else mean.value
    return (value, mean.low, mean.high) if mean.has_interval else (value, None, None)
