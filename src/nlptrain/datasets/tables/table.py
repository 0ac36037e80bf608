"""A table as a stream of rows, good and bad ones in their places: the same for every format."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import DataError
from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.string_column import StringColumn

if TYPE_CHECKING:
    import polars as pl

_LONGEST_NAME = 60

Column: TypeAlias = "Sequence[Any] | pl.Series"
"""The values of a column, one a row; where a format knows types, as polars has them."""


class Row(NamedTuple):
    """One row of a table.

    Attributes:
        line: Its first line in the file, from 1; in Parquet the number of the row.
        values: One value a column; of a bad row what can be told, so that nothing gets lost.
        problem: Why the row cannot be used; None for a good one.
    """

    line: int
    values: tuple[Any, ...]
    problem: str | None


make_row: Callable[[tuple[int, tuple[Any, ...], str | None]], Row] = partial(tuple.__new__, Row)
"""The same as `Row(*fields)` in a third of the time, for the readers of every line."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a table, in order."""

    rows: list[Row]

    @property
    def columns(self) -> Sequence[Column]:
        """All values by column: what goes on to an output."""
        return list(zip(*(row.values for row in self.rows), strict=True))


@dataclass(frozen=True, eq=False)
class TextColumns:
    """Some good rows of a table by column, in order: what `Row` is, many at a time.

    Attributes:
        values: The strings of the columns that are looked at, by their place: (R,) each; by number
            where the format knows that few differ.
        lines: The first line of each row: (R,).
        width: Columns of the table.
    """

    values: Mapping[int, StringColumn | CodedColumn]
    lines: NDArray[np.int64]
    width: int

    def to_rows(self) -> list[Row]:
        """Make rows of them, with nothing in the columns that are not looked at."""
        nothing = repeat(None, len(self.lines))
        columns = [self.values.get(place, nothing) for place in range(self.width)]
        rows = zip(*columns, strict=True)
        return [Row(line, row, None) for line, row in zip(self.lines.tolist(), rows, strict=True)]


Part = TypeVar("Part", Row, Row | TextColumns)


@dataclass(frozen=True)
class Table:
    """A table that is being read; its rows come once.

    Attributes:
        name: What messages call it.
        columns: The columns' names; numbers from 0 where the file has no header.
        rows: All rows, in order.
        dtypes: The columns' types, where the format knows them (Parquet).
        encoding: The text encoding, by its Python name.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterator[Row]
    dtypes: Mapping[str, Any] = field(default_factory=dict)
    encoding: str = "utf-8"

    def batches(self, size: int, used: Collection[int]) -> Iterator["Batch"]:
        """Read the rows on, at most so many at a time.

        Args:
            size: The most rows of a batch.
            used: The places of the values that are looked at; where the format knows types
                (Parquet), rows have no others, and those are only carried.
        """
        del used
        while rows := list(islice(self.rows, size)):
            yield Batch(rows)

    def parts(self, size: int, used: Collection[int]) -> Iterator[list[Row] | TextColumns]:
        """Read the rows on, by column where the format can do so at once.

        Args:
            size: The most rows of a part that is not by column.
            used: The places of the values that are looked at.
        """
        return (batch.rows for batch in self.batches(size, used))

    def find_column(self, column: int | str) -> int:
        """Find a column's place from its name, or check its number.

        Raises:
            DataError: There is no such column, or two of this name.
        """
        if isinstance(column, int):
            if column < len(self.columns):
                return column
            raise DataError(
                f"{self.name}: no column {column}; there are {len(self.columns)}, numbered from 0"
            )
        places = [place for place, name in enumerate(self.columns) if name == column]
        if len(places) == 1:
            return places[0]
        if places:
            raise DataError(f"{self.name}: {len(places)} columns are called {column!r}; rename one")
        raise DataError(f"{self.name}: no column {column!r}; {self._describe_columns(column)}")

    def _describe_columns(self, wanted: str) -> str:
        """List the columns, and suggest what may have gone wrong."""
        text = f"there is {', '.join(repr(name[:_LONGEST_NAME]) for name in self.columns[:20])}"
        if close := get_close_matches(wanted, self.columns, 1):
            return f"{text}; did you mean {close[0]!r}?"
        if self.columns == tuple(map(str, range(len(self.columns)))):
            return f"{text}: without a header columns are numbers from 0"
        if len(self.columns) == 1:
            for delimiter in (";", "\t", "|", ","):
                if delimiter in self.columns[0]:
                    return f"{text}: is {delimiter!r} the delimiter?"
        return text


def read_text(row: Row, column: int) -> tuple[str, str | None]:
    """Read a row's value as a string: numbers as they are written, true and false as in JSON.

    Returns:
        The string, and why there is none: the row's problem or the value's, None if all is well.
    """
    if row.problem is not None:
        return "", row.problem
    value = row.values[column]
    if type(value) is str:
        return value, None
    if value is None:
        return "", "no value"
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, int | float | Decimal):
        return str(value), None
    return "", f"{type(value).__name__} is neither a string nor a number"


def settle_blank_rows(rows: Iterable[Part], width: int, problem: str | None) -> Iterator[Part]:
    """Drop blank rows (no values) at the end; give those further up empty values.

    Args:
        rows: The rows, also many at a time; the blank ones are one line each.
        width: Columns of the table.
        problem: What is wrong with a blank row; None if it is an empty string.
    """
    values = ("",) * width
    first_blank = last_blank = 0
    for row in rows:
        if isinstance(row, Row) and not row.values:
            first_blank = first_blank or row.line
            last_blank = row.line
            continue
        if first_blank:
            for line in range(first_blank, last_blank + 1):
                yield Row(line, values, problem)
            first_blank = 0
        yield row


def group_rows(parts: Iterable[Row | TextColumns], size: int) -> Iterator[list[Row] | TextColumns]:
    """Put rows that follow each other into lists, of so many at most."""
    rows: list[Row] = []
    for part in parts:
        if isinstance(part, Row):
            rows.append(part)
            if len(rows) < size:
                continue
        if rows:
            yield rows
            rows = []
        if not isinstance(part, Row):
            yield part
    if rows:
        yield rows
