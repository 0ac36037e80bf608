"""A user's table with its columns of strings and labels, and what makes a row of it bad."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nlptrain.config.data import DataFile
from nlptrain.datasets.column_choice import Command, NamedColumns, find_columns
from nlptrain.datasets.shard_table import read_shard
from nlptrain.datasets.shards import Shard
from nlptrain.datasets.split import TEST, TRAIN, VALIDATION
from nlptrain.datasets.tables.layout import TableLayout, complete_layout
from nlptrain.datasets.tables.table import Row, Table, read_text
from nlptrain.errors import DataError

SPLIT_NAMES = {"train": TRAIN, "validation": VALIDATION, "test": TEST}
"""What a column of splits says."""


@dataclass(frozen=True)
class FirstColumns:
    """The columns that were found in the first shard, which all others have too.

    Attributes:
        shard: The first one.
        names: Names by setting; numbers without a header.
        width: Columns in all where there is no header, which else would be mistaken in silence.
    """

    shard: Path
    names: Mapping[str, int | str]
    width: int | None

    @classmethod
    def of(
        cls, shard: Shard, table: Table, places: Mapping[str, int], file: DataFile
    ) -> "FirstColumns":
        """Take the columns of a table that is open."""
        if isinstance(file.text, int):
            return cls(shard.path, dict(places), len(table.columns))
        return cls(shard.path, {name: table.columns[p] for name, p in places.items()}, None)

    def find(self, table: Table) -> dict[str, int]:
        """Find the places of the columns in the table of another shard.

        Raises:
            DataError: It lacks one.
        """
        if self.width not in (None, len(table.columns)):
            raise DataError(
                f"{table.name}: {len(table.columns)} columns, but {self.width} in {self.shard}: "
                "shards have the same columns"
            )
        try:
            return {name: table.find_column(column) for name, column in self.names.items()}
        except DataError as error:
            raise DataError(
                f"{error}; {self.shard} has it, and shards have the same columns"
            ) from error


@contextmanager
def open_labelled(
    shard: Shard,
    file: DataFile,
    command: Command,
    meant: frozenset[str],
    first: FirstColumns | None = None,
) -> Iterator[tuple[Table, dict[str, int], list[str]]]:
    """Open a table, and find its columns' places by the settings that name them.

    Args:
        shard: The table.
        file: How it is read.
        command: Names two columns in a command.
        meant: Which of text and label the user named: then no other column is wanted.
        first: The columns of the first shard, if this is another one.

    Yields:
        The table, the places by setting, and which columns were taken in place of those named.

    Raises:
        DataError: The file cannot be read, or lacks a column.
    """
    layout = _find_layout(shard.path, file)
    with read_shard(shard, layout) as table:
        if first is not None:
            yield table, first.find(table), []
            return
        named = NamedColumns(file.text, file.label, command, meant)
        found = find_columns(shard, layout, table, named)
        places = {"text": found.text, "label": found.label}
        for name in ("split", "group"):
            if (column := getattr(file, name)) is not None:
                places[name] = table.find_column(column)
        yield table, places, found.notes


def read_values(
    row: Row, table: Table, columns: Mapping[str, int], *, strip: bool
) -> tuple[dict[str, str], str | None]:
    """Read a row's values by setting: the string as it stands there, the others stripped.

    Returns:
        The values, and why the row cannot be used; None for a good one.
    """
    cells = {name: read_text(row, place) for name, place in columns.items()}
    values = {
        name: cell.strip() if strip and name != "text" else cell
        for name, (cell, _) in cells.items()
    }
    return values, row.problem or _find_problem(cells, values, table, columns)


def _find_layout(path: Path, file: DataFile) -> TableLayout:
    """Find how the file is written down; columns given as numbers mean that it has no header."""
    layout = complete_layout(
        path,
        table_format=file.format,
        delimiter=file.delimiter,
        header=file.header,
        quoting=file.quoting,
        encoding=file.encoding,
        sheet=file.sheet,
    )
    if layout.format == "text":
        raise DataError(
            f"{path}: plain text has no labels; say data.file.format if it is csv, tsv or jsonl"
        )
    if file.header is None and isinstance(file.text, int):
        return replace(layout, header=False)
    return layout


def _find_problem(
    cells: Mapping[str, tuple[str, str | None]],
    values: Mapping[str, str],
    table: Table,
    columns: Mapping[str, int],
) -> str | None:
    """Describe why a row cannot be used; None for a good one."""
    for name, (_, problem) in cells.items():
        if problem is not None:
            return f"{table.columns[columns[name]]}: {problem}"
    if not values["label"]:
        return "no label"
    if "split" in values and values["split"] not in SPLIT_NAMES:
        return f"split: {values['split']!r} is not one of {', '.join(SPLIT_NAMES)}"
    if "group" in values and not values["group"]:
        return "no group"
    return None
