"""The table that `predict --file` reads, and which of its columns has the strings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nlptrain.datasets.column_choice import find_usual
from nlptrain.datasets.tables.layout import TableFormat, TableLayout, complete_layout
from nlptrain.datasets.tables.reader import STANDARD_INPUT, read_table
from nlptrain.datasets.tables.table import Table
from nlptrain.errors import DataError


@dataclass(frozen=True)
class TableSource:
    """A table as the command line names it.

    Attributes:
        file: Its path, or - for standard input.
        column: Where the strings are; None: where they were in training.
        delimiter: What separates columns; None: by the file's ending.
        encoding: The text encoding, by its Python name.
        sheet: The sheet of a spreadsheet; None: the only one with cells.
    """

    file: Path
    column: int | str | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    sheet: str | None = None


@dataclass(frozen=True)
class StringTable:
    """A table that is open.

    Attributes:
        table: Its rows.
        place: That of the strings in a row.
        column: The name of this column, or its number without a header.
        note: Which column was taken in place of the one of training; empty where none was.
    """

    table: Table
    place: int
    column: int | str
    note: str = ""


@contextmanager
def open_strings(
    source: TableSource, trained_columns: tuple[int | str, int | str]
) -> Iterator[StringTable]:
    """Open a table and find the place of its strings in a row.

    Args:
        source: The table.
        trained_columns: Where strings and labels were in training: names, or numbers without a
            header.

    Raises:
        DataError: The table cannot be read, or lacks the column.
    """
    column = trained_columns[0] if source.column is None else source.column
    with read_table(str(source.file), _find_layout(source, column)) as table:
        place, note = _find_place(source, table, column, trained_columns[1])
        yield StringTable(
            table, place, place if isinstance(column, int) else table.columns[place], note
        )


def _find_layout(source: TableSource, column: int | str) -> TableLayout:
    """Return how the table is written; what names a column or a delimiter is no plain text."""
    table_format: TableFormat | None = None
    if str(source.file) == STANDARD_INPUT:
        table_format = "csv" if source.column is not None or source.delimiter else "text"
    layout = complete_layout(
        source.file,
        table_format=table_format,
        delimiter=source.delimiter,
        encoding=source.encoding,
        sheet=source.sheet,
    )
    return replace(layout, header=False) if isinstance(column, int) else layout


def _has_one_column(table: Table) -> bool:
    """Return whether there is nothing to choose: one column, and no other delimiter in its name."""
    return len(table.columns) == 1 and not set(table.columns[0]) & set(";\t|,")


def _find_place(
    source: TableSource, table: Table, column: int | str, label: int | str
) -> tuple[int, str]:
    """Find the strings; where their column is missing, one called text or the one beside labels."""
    if source.column is None and _has_one_column(table):
        return 0, ""
    try:
        return table.find_column(column), ""
    except DataError as error:
        if source.column is not None:
            raise
        place = find_usual(table, "text")
        labels = find_usual(table, "label")
        if label in table.columns:
            labels = table.columns.index(str(label))
        if place is None and labels is not None and len(table.columns) == 2:
            place = 1 - labels
        if place is None:
            raise DataError(f"{error}; name the one with the strings: --column NAME") from error
        taken = f"took {table.columns[place]!r} for the strings"
        return place, f"{table.name}: no column {column!r}: {taken}"
