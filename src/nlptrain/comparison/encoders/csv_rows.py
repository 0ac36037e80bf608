"""The matrix in plain numbers, a row for each cell and set of lengths."""

from collections.abc import Sequence

from nlptrain.comparison.encoders.answer import show_range
from nlptrain.comparison.encoders.entries import Grid, TaskRow
from nlptrain.comparison.encoders.matrix import Cell
from nlptrain.comparison.report.csv_rows import mean_cells
from nlptrain.comparison.statistics.intervals import mean_and_range
from nlptrain.reporting.export import CsvCell

MATRIX_HEADER = (
    "task",
    "lengths",
    "seen_in_training",
    "encoder",
    "verdict",
    "learning_rate",
    "test_accuracy_mean",
    "test_accuracy_lowest",
    "test_accuracy_highest",
    "test_accuracy_best",
    "diverged",
    "trials",
)


def matrix_csv(cells: Sequence[Sequence[Cell]], grid: Grid) -> list[tuple[CsvCell, ...]]:
    """Make the rows of the lengths of training first, then those of other lengths.

    A verdict is about the lengths of training; accuracies are between 0 and 1.
    """
    rows = list(zip(grid.tasks, cells, strict=True))
    own = [_row(cell, task, cell.accuracies) for task, row in rows for cell in row]
    others = [
        _row(cell, task, cell.others[place] if cell.others else (), bounds)
        for task, row in rows
        for place, bounds in enumerate(task.ranges)
        for cell in row
    ]
    return [*own, *others]


def _row(
    cell: Cell,
    task: TaskRow,
    accuracies: Sequence[float],
    bounds: tuple[int, int] | None = None,
) -> tuple[CsvCell, ...]:
    return (
        cell.task,
        task.words if bounds is None else show_range(bounds),
        "yes" if bounds is None else "no",
        cell.encoder,
        cell.verdict if bounds is None else None,
        cell.learning_rate,
        *mean_cells(mean_and_range(accuracies)),
        max(accuracies, default=None),
        cell.diverged,
        len(cell.accuracies) + cell.diverged,
    )
