"""One shard as a table: its own columns, and those that the names of its folders tell."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nlptrain.datasets.shards import Shard
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.datasets.tables.table import Batch, Column, Row, Table, TextColumns, make_row
from nlptrain.text.string_column import StringColumn


@contextmanager
def read_shard(shard: Shard, layout: TableLayout) -> Iterator[Table]:
    """Open a shard; of a column that both it and its folders have, its own counts.

    Args:
        shard: The file.
        layout: How it is written down.

    Raises:
        DataError: The file cannot be read, or is no table; while iterating, too.
    """
    with read_table(shard.path, layout) as table:
        added = {
            name: value for name, value in shard.partition.items() if name not in table.columns
        }
        yield _extend(table, tuple(added), tuple(added.values())) if added else table


def _extend(table: Table, names: tuple[str, ...], values: tuple[str | None, ...]) -> Table:
    """Add columns of one value behind those of a table."""
    return ExtendedTable(
        table.name,
        table.columns + names,
        (_extend_row(row, values) for row in table.rows),
        table.dtypes,
        table.encoding,
        table=table,
        values=values,
    )


@dataclass(frozen=True, kw_only=True)
class ExtendedTable(Table):
    """A table with further columns.

    Attributes:
        table: The table without them.
        values: The value of each in all rows.
    """

    table: Table
    values: tuple[str | None, ...]

    def batches(self, size: int, used: Collection[int]) -> Iterator["ExtendedBatch"]:
        """Read the rows on, at most so many at a time, with the values that are looked at."""
        own = [place for place in used if place < len(self.table.columns)]
        for batch in self.table.batches(size, own):
            rows = [_extend_row(row, self.values) for row in batch.rows]
            yield ExtendedBatch(rows, batch, self.values)

    def parts(self, size: int, used: Collection[int]) -> Iterator[list[Row] | TextColumns]:
        """Read the rows on, by column where the shard can do so and no value is missing."""
        width = len(self.table.columns)
        added = {place: self.values[place - width] for place in used if place >= width}
        for part in self.table.parts(size, [place for place in used if place < width]):
            if isinstance(part, TextColumns) and None not in added.values():
                more = {
                    place: StringColumn.of([value or ""] * len(part.lines))
                    for place, value in added.items()
                }
                yield TextColumns({**part.values, **more}, part.lines, len(self.columns))
            else:
                rows = part.to_rows() if isinstance(part, TextColumns) else part
                yield [_extend_row(row, self.values) for row in rows]


@dataclass(frozen=True, eq=False)
class ExtendedBatch(Batch):
    """Some rows with their further values."""

    batch: Batch
    values: tuple[str | None, ...]

    @property
    def columns(self) -> Sequence[Column]:
        """All values by column: what goes on to an output."""
        return [*self.batch.columns, *([value] * len(self.rows) for value in self.values)]


def _extend_row(row: Row, values: tuple[Any, ...]) -> Row:
    return make_row((row.line, row.values + values, row.problem))
