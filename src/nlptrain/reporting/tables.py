"""The tables that commands print as their result, from plain rows and arrays.

Names come from the user's data: they stand in the tables as they are, never as rich markup.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from nlptrain.reporting.literal import literal

_WIDEST_HEADER = 60


def print_table(table: Table, console: Console) -> None:
    """Print a table of which nothing is cut off, and no line ends in spaces.

    On a terminal it is as wide as fits, and names wrap; elsewhere, and where the numbers alone
    need more, it is as wide as it has to be.
    """
    unbounded = console.options.update(max_width=100_000)
    width = Measurement.get(console, unbounded, table)
    table.width = width.maximum
    if console.is_terminal:
        table.width = min(width.maximum, max(width.minimum, console.width))
    lines = console.render_lines(table, console.options.update(width=table.width), new_lines=True)
    console.print(Segments(chain.from_iterable(map(_trim, lines))), soft_wrap=True, end="")


def _trim(line: list[Segment]) -> list[Segment]:
    """Take the spaces off a line's end."""
    end = len(line)
    while end and not line[end - 1].text.strip():
        end -= 1
    if end == 0:
        return [Segment.line()]
    last = line[end - 1]
    return [*line[: end - 1], Segment(last.text.rstrip(), last.style), Segment.line()]


def final_table(rows: Mapping[str, str]) -> Table:
    """Show what a training came to: a name and a value a row."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim", min_width=max(map(len, rows), default=0))
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(_cell(name), _cell(value))
    return table


def scores_table(
    labels: Sequence[str],
    precision: NDArray[np.float64],
    recall: NDArray[np.float64],
    f1: NDArray[np.float64],
    support: NDArray[np.int64],
) -> Table:
    """Show the scores of each class; each array is (C,)."""
    table = _table(["label"], ["precision", "recall", "F1", "support"])
    for label, *scores, count in zip(labels, precision, recall, f1, support, strict=True):
        table.add_row(_cell(label), *(f"{score:.4f}" for score in scores), f"{count:,}")
    return table


def confusion_table(labels: Sequence[str], matrix: NDArray[np.int64]) -> Table:
    """Show the counts by true (rows) and predicted class (columns): (C, C).

    Where the names would make the header too wide, class indices stand in for them.
    """
    names = [literal(label) for label in labels]
    headers = names
    if sum(map(len, names)) > _WIDEST_HEADER:
        headers = [str(index) for index in range(len(names))]
        names = [f"{index:>{len(headers[-1])}} {name}" for index, name in enumerate(names)]
    table = _table(["true ↓  predicted →"], headers)
    for name, counts in zip(names, matrix.tolist(), strict=True):
        table.add_row(Text(name), *map(str, counts))
    return table


def network_table(rows: Sequence[tuple[str, str, int]]) -> Table:
    """Show a layer a row: name, output shape, parameters; and the sum of these below."""
    table = _table(["layer", "output shape"], ["parameters"])
    for layer, shape, parameters in rows:
        table.add_row(_cell(layer), _cell(shape), f"{parameters:,}")
    table.add_section()
    table.add_row("total", "", f"{sum(parameters for _, _, parameters in rows):,}")
    return table


def runs_table(rows: Iterable[tuple[str, str, str, str, str, str, str]]) -> Table:
    """Show a run a row: name, status, encoder, optimizer, score, seconds, when."""
    table = _table(["name", "status", "encoder", "optimizer"], ["score", "seconds"])
    table.add_column("when", overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def plain_table(
    names: Iterable[str], numbers: Iterable[str], rows: Iterable[tuple[str, ...]]
) -> Table:
    """Show rows of cells: columns of names first, then columns of numbers."""
    table = _table(names, numbers)
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def _table(names: Iterable[str], numbers: Iterable[str]) -> Table:
    """Begin a table with columns of names, which may wrap, and of numbers, which may not."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for header in names:
        table.add_column(Text(header), overflow="fold")
    for header in numbers:
        table.add_column(Text(header), justify="right", no_wrap=True)
    return table


def _cell(text: str) -> Text:
    return Text(literal(text))


def comparison_table(rows: Iterable[tuple[str, ...]]) -> Table:
    """Show a contestant a row: rank, name, learning rate, scores, steps to target, diverged."""
    numbers = ["learning rate", "test accuracy", "test loss", "steps to target", "diverged"]
    table = _table(["rank", "contestant"], numbers)
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def adams_table(rows: Iterable[tuple[str, ...]]) -> Table:
    """Show an Adam by hand a row: who, precision, differences, milliseconds a step."""
    numbers = ["first step", "last step", "ms a step", "PyTorch's"]
    table = _table(["Adam", "precision"], numbers)
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def verification_table(rows: Iterable[tuple[str, str, str, str, str, str]]) -> Table:
    """Show a quantity a row: name, array, difference, relative one, tolerance, pass or fail."""
    table = _table(["quantity", "array"], ["largest difference", "relative", "tolerance", "result"])
    for row in rows:
        table.add_row(*map(_cell, row))
    return table
