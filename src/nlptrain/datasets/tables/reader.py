"""One entrance to tables of every format, for training and for `predict --file`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nlptrain.datasets.tables.delimited import read_delimited
from nlptrain.datasets.tables.json_array import read_json_array
from nlptrain.datasets.tables.json_lines import read_json_lines
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.parquet import read_parquet
from nlptrain.datasets.tables.plain_text import read_plain_text
from nlptrain.datasets.tables.spreadsheet import read_spreadsheet
from nlptrain.datasets.tables.table import Table
from nlptrain.datasets.tables.text_stream import open_text
from nlptrain.errors import DataError

STANDARD_INPUT = "-"

_READERS = {
    "csv": read_delimited,
    "tsv": read_delimited,
    "jsonl": read_json_lines,
    "json": read_json_array,
    "text": read_plain_text,
}


@contextmanager
def read_table(source: Path | BinaryIO | str, layout: TableLayout) -> Iterator[Table]:
    """Open a table, to be read row by row; the memory does not grow with it.

    Args:
        source: A file, a stream of bytes, or "-" for standard input.
        layout: How the table is written down.

    Raises:
        DataError: The file cannot be read, or is no table; while iterating, too.
    """
    stream = sys.stdin.buffer if source == STANDARD_INPUT else source
    if isinstance(stream, str):
        stream = Path(stream)
    name = str(stream) if isinstance(stream, Path) else "standard input"
    if layout.format in ("parquet", "excel"):
        if not isinstance(stream, Path):
            raise DataError(f"{name}: {layout.format} cannot be read from a stream: save it first")
        is_parquet = layout.format == "parquet"
        yield read_parquet(stream, name) if is_parquet else read_spreadsheet(stream, name, layout)
        return
    with open_text(stream, name, layout.encoding) as text:
        yield _READERS[layout.format](text, name, layout)
