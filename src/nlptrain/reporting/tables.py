"""The tables that commands print as their result, from plain rows and arrays.

Names come from the user's data: they stand in the tables as they are, never as rich markup.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.reporting.literal import literal
from nlptrain.reporting.table_layout import Column, Table

_WIDEST_HEADER = 60


def scores_table(
    labels: Sequence[str],
    precision: NDArray[np.float64],
    recall: NDArray[np.float64],
    f1: NDArray[np.float64],
    support: NDArray[np.int64],
) -> Table:
    """Show the scores of each class; each array is (C,)."""
    rows = zip(labels, precision, recall, f1, support, strict=True)
    return plain_table(
        ["label"],
        ["precision", "recall", "F1", "support"],
        [(label, f"{p:.4f}", f"{r:.4f}", f"{f:.4f}", f"{n:,}") for label, p, r, f, n in rows],
    )


def confusion_table(labels: Sequence[str], matrix: NDArray[np.int64]) -> Table:
    """Show the counts by true (rows) and predicted class (columns): (C, C).

    Where the names would make the header too wide, class indices stand in for them.
    """
    names = [literal(label) for label in labels]
    headers = names
    if sum(map(len, names)) > _WIDEST_HEADER:
        headers = [str(index) for index in range(len(names))]
        names = [f"{index:>{len(headers[-1])}} {name}" for index, name in enumerate(names)]
    rows = [(name, *map(str, counts)) for name, counts in zip(names, matrix.tolist(), strict=True)]
    return plain_table(["true ↓  predicted →"], headers, rows)


def network_table(rows: Sequence[tuple[str, str, int]]) -> Table:
    """Show a layer a row: name, output shape, parameters; and the sum of these below."""
    columns = (
        Column("layer", "name"),
        Column("output shape", "text"),
        Column("parameters", "number"),
    )
    cells = tuple((layer, shape, f"{parameters:,}") for layer, shape, parameters in rows)
    return Table(columns, cells, ("total", "", f"{sum(row[2] for row in rows):,}"))


def runs_table(rows: Iterable[tuple[str, str, str, str, str, str, str]]) -> Table:
    """Show a run a row: name, status, encoder, optimizer, score, seconds, when."""
    columns = (
        Column("name", "name"),
        Column("status", "text"),
        Column("encoder", "text", leaves=2),
        Column("optimizer", "text", leaves=1),
        Column("score", "number"),
        Column("seconds", "number", leaves=3),
        Column("when", "text"),
    )
    return Table(columns, tuple(rows), elsewhere="nlptrain runs --json")


def plain_table(
    names: Iterable[str],
    numbers: Iterable[str],
    rows: Iterable[tuple[str, ...]],
    *,
    texts: Iterable[str] = (),
    less: Sequence[str] = (),
    elsewhere: str = "",
) -> Table:
    """Show rows of cells: columns of names first, then of texts, then of numbers.

    Args:
        names: Headers of the columns that tell the rows apart.
        numbers: Headers of the columns whose cells are aligned right.
        rows: The cells.
        texts: Headers of the columns whose cells may wrap.
        less: Headers of columns that are left out where the screen is narrow, the first first.
        elsewhere: Where all columns can be read then.
    """
    leaves = {header: len(less) - place for place, header in enumerate(less)}
    columns = [
        *(Column(header, "name", leaves.get(header, 0)) for header in names),
        *(Column(header, "text", leaves.get(header, 0)) for header in texts),
        *(Column(header, "number", leaves.get(header, 0)) for header in numbers),
    ]
    return Table(tuple(columns), tuple(rows), elsewhere=elsewhere)


def comparison_table(rows: Iterable[tuple[str, ...]], elsewhere: str = "") -> Table:
    """Show a contestant a row: rank, name, learning rate, scores, steps to target, diverged."""
    numbers = ["learning rate", "test accuracy", "test loss", "steps to target", "diverged"]
    less = ["diverged", "test loss", "learning rate", "steps to target"]
    return plain_table(["rank", "contestant"], numbers, rows, less=less, elsewhere=elsewhere)


def adams_table(rows: Iterable[tuple[str, ...]]) -> Table:
    """Show an Adam by hand a row: who, precision, differences, milliseconds a step."""
    numbers = ["first step", "last step", "ms a step", "PyTorch's"]
    return plain_table(["Adam", "precision"], numbers, rows)


def verification_table(rows: Iterable[tuple[str, str, str, str, str, str]]) -> Table:
    """Show a quantity a row: name, array, difference, relative one, tolerance, pass or fail."""
    numbers = ["largest difference", "relative", "tolerance", "result"]
    less = ["relative", "tolerance"]
    names = ["quantity", "array"]
    return plain_table(names, numbers, rows, less=less, elsewhere="nlptrain verify --json")
