"""Parquet, read and written by polars in slices that fit the memory."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nlptrain.datasets.tables.cells import to_text
from nlptrain.datasets.tables.table import Row, Table
from nlptrain.datasets.tables.text_stream import open_bytes
from nlptrain.errors import DataError

SLICE_ROWS = 50_000
"""Rows in memory at a time; polars skips the row groups before a slice."""
LONGEST_REASON = 200


def read_parquet(path: Path, name: str) -> Table:
    """Read a table slice by slice.

    Raises:
        DataError: The file is missing, or not Parquet.
    """
    import polars as pl

    open_bytes(path, name).close()
    with _as_data_errors(name):
        schema = pl.read_parquet_schema(path)
    return Table(name, tuple(schema), _read_rows(path, name), schema)


def _read_rows(path: Path, name: str) -> Iterator[Row]:
    """Give the rows of one slice after the other."""
    import polars as pl

    frames = pl.scan_parquet(path, glob=False)
    start = 0
    while True:
        with _as_data_errors(name):
            frame = frames.slice(start, SLICE_ROWS).collect()
        for number, values in enumerate(frame.iter_rows(), start + 1):
            yield Row(number, values, None)
        if frame.height < SLICE_ROWS:
            return
        start += SLICE_ROWS


class ParquetWriter:
    """Writes slices to files of their own and joins them at the end.

    polars writes a whole file or none, so this is what keeps the memory constant.
    """

    def __init__(self, target: Path, columns: Sequence[str], dtypes: Mapping[str, Any]) -> None:
        self._target = target
        self._dtypes = {column: dtypes.get(column, str) for column in columns}
        self._texts = [place for place, column in enumerate(columns) if column not in dtypes]
        self._parts = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        self._rows: list[Sequence[Any]] = []
        self._count = 0

    def write(self, values: Sequence[Sequence[Any]]) -> None:
        """Take rows, by column; write them once they fill a slice."""
        self._rows.extend(zip(*values, strict=True))
        if len(self._rows) >= SLICE_ROWS:
            self._flush()

    def finish(self) -> None:
        """Join the slices into the target."""
        import polars as pl

        if self._rows or not self._count:
            self._flush()
        with _as_system_errors():
            pl.scan_parquet(self._parts / "*.parquet").sink_parquet(self._target)

    def close(self) -> None:
        """Remove the slices."""
        shutil.rmtree(self._parts, ignore_errors=True)

    def _flush(self) -> None:
        """Write the rows at hand to a file of their own."""
        import polars as pl

        rows = [self._to_texts(row) for row in self._rows]
        with _as_system_errors():
            frame = pl.DataFrame(rows, schema=self._dtypes, orient="row")
            frame.write_parquet(self._parts / f"{self._count:09d}.parquet")
        self._rows.clear()
        self._count += 1

    def _to_texts(self, row: Sequence[Any]) -> list[Any]:
        """Make strings of the values whose columns have no type of their own."""
        values = list(row)
        for place in self._texts:
            text = to_text(values[place])
            if text is not None and not text.isascii():
                # Undecodable bytes have no place in Parquet: U+FFFD stands for them.
                text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            values[place] = text
        return values


@contextmanager
def _as_data_errors(name: str) -> Iterator[None]:
    """Turn what polars cannot read into a message of one line; damage makes its Rust code panic."""
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = " ".join(str(error).split())[:LONGEST_REASON]
        raise DataError(f"{name}: cannot be read as parquet: {reason}") from error


@contextmanager
def _as_system_errors() -> Iterator[None]:
    """Raise what polars could not write as the system's error that it is: a full disk, say."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error)) from error
