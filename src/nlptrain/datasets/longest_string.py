"""Where the longest string of the user's files stands."""

from pathlib import Path

from nlptrain.config.data import DataFile
from nlptrain.datasets.labelled_rows import find_layout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.datasets.tables.table import read_text


def find_longest(file: DataFile) -> str:
    """Return `path:line` of the longest string, the first of several.

    Raises:
        DataError: A file cannot be read.
    """
    longest, where = -1, file.path
    for name in filter(None, (file.path, file.validation_path, file.test_path)):
        with read_table(Path(name), find_layout(Path(name), file)) as table:
            column = table.find_column(file.text)
            for row in table.rows:
                text, problem = read_text(row, column)
                if problem is None and len(text) > longest:
                    longest, where = len(text), f"{name}:{row.line}"
    return where
