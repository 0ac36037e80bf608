"""The tables that commands print as results.

Names from the user's data are never interpreted as rich markup.
"""

from collections.abc import Iterable, Sequence

from nlptrain.reporting.literal import literal
from nlptrain.reporting.table_layout import Column, Table

_MAX_HEADER = 60


def confusion_table(labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> Table:
    """Tabulate the counts by true (rows) and predicted class (columns): (C, C).

    If the names would make the header too wide, it has class indices instead.
    """
    names = [literal(label) for label in labels]
    headers = names
    if sum(map(len, names)) > _MAX_HEADER:
        headers = [str(index) for index in range(len(names))]
        names = [f"{index:>{len(headers[-1])}} {name}" for index, name in enumerate(names)]
    rows = [(name, *map(str, counts)) for name, counts in zip(names, matrix, strict=True)]
    return plain_table(["true ↓  predicted →"], headers, rows)


def network_table(rows: Sequence[tuple[str, str, int]]) -> Table:
    """Tabulate the layers: name, output shape, parameters, with a total."""
    columns = (
        Column("layer", "name"),
        Column("output shape", "text"),
        Column("parameters", "number"),
    )
    cells = tuple((layer, shape, f"{parameters:,}") for layer, shape, parameters in rows)
    return Table(columns, cells, ("total", "", f"{sum(row[2] for row in rows):,}"))


def runs_table(rows: Iterable[tuple[str, str, str, str, str, str, str]]) -> Table:
    """Tabulate runs: name, status, encoder, optimizer, score, seconds, time of the start."""
    columns = (
        Column("name", "name"),
        Column("status", "text"),
        Column("encoder", "text", omit_order=2),
        Column("optimizer", "text", omit_order=1),
        Column("score", "number"),
        Column("seconds", "number", omit_order=3),
        Column("when", "text"),
    )
    return Table(columns, tuple(rows), complete_in="nlptrain runs --json")


def plain_table(
    names: Iterable[str],
    numbers: Iterable[str],
    rows: Iterable[tuple[str, ...]],
    *,
    texts: Iterable[str] = (),
    omit_first: Sequence[str] = (),
    complete_in: str = "",
) -> Table:
    """Build a table: columns of names first, then of texts, then of numbers.

    Args:
        names: Headers of the columns that identify the rows.
        numbers: Headers of the right-aligned columns.
        rows: The cells.
        texts: Headers of the columns whose cells may wrap.
        omit_first: Headers of columns to omit on a narrow screen, in this order.
        complete_in: File or option that has all columns.
    """
    omit_order = {header: len(omit_first) - place for place, header in enumerate(omit_first)}
    columns = [
        *(Column(header, "name", omit_order.get(header, 0)) for header in names),
        *(Column(header, "text", omit_order.get(header, 0)) for header in texts),
        *(Column(header, "number", omit_order.get(header, 0)) for header in numbers),
    ]
    return Table(tuple(columns), tuple(rows), complete_in=complete_in)


def comparison_table(rows: Iterable[tuple[str, ...]], complete_in: str = "") -> Table:
    """Tabulate contestants: rank, name, learning rate, early and final scores, and the rest.

    The name may be followed by other settings that were tuned.
    """
    rows = list(rows)
    early = ["at ¼", "at ½"]
    numbers = ["learning rate", *early, "test accuracy", "test loss", "steps to target", "diverged"]
    texts = ["other settings"] if rows and len(rows[0]) > 2 + len(numbers) else []
    omit_first = ["diverged", "test loss", "learning rate", *early, "steps to target"]
    if texts:
        omit_first = [*omit_first[:2], *early, "steps to target", "learning rate", *texts]
    return plain_table(
        ["rank", "contestant"],
        numbers,
        rows,
        texts=texts,
        omit_first=omit_first,
        complete_in=complete_in,
    )
