"""Where the longest string of the user's files stands."""

from pathlib import Path

from nlptrain.config.data import DataFile
from nlptrain.datasets.labelled_table import FirstColumns, open_labelled
from nlptrain.datasets.shards import find_shards
from nlptrain.datasets.tables.table import Table, read_text

_BATCH_ROWS = 10_000


def find_longest(file: DataFile) -> str:
    """Return `path:line` of the longest string, the first of several.

    Raises:
        DataError: A file cannot be read.
    """
    longest, where = -1, file.path
    for name in filter(None, (file.path, file.validation_path, file.test_path)):
        first: FirstColumns | None = None
        for shard in find_shards(Path(name), file.format).parts:
            opened = open_labelled(shard, file, lambda *_: "", frozenset(), first)
            with opened as (table, columns, _):
                first = first or FirstColumns.of(shard, table, columns, file)
                length, line = _find_longest(table, columns["text"])
                if length > longest:
                    longest, where = length, f"{shard.path}:{line}"
    return where


def _find_longest(table: Table, column: int) -> tuple[int, int]:
    """Return the length and the line of a table's longest string; -1 where there is none."""
    longest, line = -1, 0
    for batch in table.batches(_BATCH_ROWS, (column,)):
        for row in batch.rows:
            text, problem = read_text(row, column)
            if problem is None and len(text) > longest:
                longest, line = len(text), row.line
    return longest, line
