"""Where the longest string of the user's files stands."""

from pathlib import Path

from nlptrain.config.data import DataFile
from nlptrain.datasets.labelled_table import open_labelled
from nlptrain.datasets.tables.table import read_text

_BATCH_ROWS = 10_000


def find_longest(file: DataFile) -> str:
    """Return `path:line` of the longest string, the first of several.

    Raises:
        DataError: A file cannot be read.
    """
    longest, where = -1, file.path
    for name in filter(None, (file.path, file.validation_path, file.test_path)):
        opened = open_labelled(Path(name), file, lambda *_: "", frozenset())
        with opened as (table, columns, _):
            for batch in table.batches(_BATCH_ROWS, columns.values()):
                for row in batch.rows:
                    text, problem = read_text(row, columns["text"])
                    if problem is None and len(text) > longest:
                        longest, where = len(text), f"{name}:{row.line}"
    return where
