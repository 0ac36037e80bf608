"""Parquet, read and written by polars in slices that fit the memory."""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlptrain.datasets.tables.cells import to_text
from nlptrain.datasets.tables.frame_values import find_strings, to_values
from nlptrain.datasets.tables.table import Batch, Column, Row, Table, TextColumns, make_row
from nlptrain.datasets.tables.text_stream import open_bytes
from nlptrain.errors import DataError
from nlptrain.files.address_space import check_room_for_polars
from nlptrain.tracking.stage import stage

if TYPE_CHECKING:
    import polars as pl

SLICE_ROWS = 50_000
"""Rows in memory at a time; polars skips the row groups before a slice."""
LONGEST_REASON = 200


def read_parquet(path: Path, name: str) -> Table:
    """Read a table slice by slice.

    Raises:
        DataError: The file is missing, or not Parquet.
        MemoryError: There is no room to read it.
    """
    check_room_for_polars()
    import polars as pl

    # A zone that polars does not know is no reason to refuse a column that is only carried.
    os.environ.setdefault("POLARS_IGNORE_TIMEZONE_PARSE_ERROR", "1")
    open_bytes(path, name).close()
    with _as_data_errors(name):
        schema = pl.scan_parquet(path, glob=False).collect_schema()
    frames = _read_frames(path, name)
    return ParquetTable(name, tuple(schema), _read_rows(frames), schema, frames=frames)


@dataclass(frozen=True)
class ParquetTable(Table):
    """A table whose columns stay what they are, but for the values that are looked at.

    Attributes:
        frames: Its slices, which come once.
    """

    frames: Iterator["pl.DataFrame"] = field(default_factory=lambda: iter(()))

    def batches(self, size: int, used: Collection[int]) -> Iterator["FrameBatch"]:
        """Read the rows on, at most so many at a time, with the values that are looked at."""
        first = 1
        for frame in self.frames:
            for part in frame.iter_slices(size):
                yield FrameBatch(_make_rows(part, first, used), part)
                first += part.height

    def parts(self, size: int, used: Collection[int]) -> Iterator[list[Row] | TextColumns]:
        """Read the rows on, by column where all that are looked at are strings."""
        first = 1
        for frame in self.frames:
            found = {place: find_strings(frame.to_series(place)) for place in used}
            strings = {place: column for place, column in found.items() if column is not None}
            if len(strings) == len(found):
                yield TextColumns(strings, first + np.arange(frame.height), frame.width)
                first += frame.height
                continue
            for part in frame.iter_slices(size):
                yield _make_rows(part, first, used)
                first += part.height


@dataclass(frozen=True, eq=False)
class FrameBatch(Batch):
    """Some rows, and all of their columns as polars has them."""

    frame: "pl.DataFrame"

    @property
    def columns(self) -> Sequence[Column]:
        """All columns: what goes on to an output."""
        return self.frame.get_columns()


def _read_frames(path: Path, name: str) -> Iterator["pl.DataFrame"]:
    """Read one slice after the other, each while the one before it is worked on."""
    import polars as pl

    frames = pl.scan_parquet(path, glob=False)
    with _as_data_errors(name):
        rows = frames.select(pl.len()).collect().item()

    def read(start: int) -> pl.DataFrame:
        return frames.slice(start, SLICE_ROWS).collect()

    with stage(f"reading {name}", rows) as advance, ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(read, 0)
        for start in range(0, rows, SLICE_ROWS):
            with _as_data_errors(name):
                frame = ahead.result()
            if start + frame.height < rows:
                ahead = reader.submit(read, start + SLICE_ROWS)
            yield frame
            advance(start + frame.height)


def _read_rows(frames: Iterator["pl.DataFrame"]) -> Iterator[Row]:
    """Make rows of all columns, as the text formats would write them."""
    first = 1
    for frame in frames:
        yield from _make_rows(frame, first, range(frame.width))
        first += frame.height


def _make_rows(frame: "pl.DataFrame", first: int, used: Collection[int]) -> list[Row]:
    """Make rows that have the values of some columns only."""
    columns = [
        to_values(column) if place in used else repeat(None, frame.height)
        for place, column in enumerate(frame.get_columns())
    ]
    values = zip(*columns, strict=True)
    return [make_row((number, row, None)) for number, row in enumerate(values, first)]


class ParquetWriter:
    """Writes slices to files of their own and joins them at the end.

    polars writes a whole file or none, so this is what keeps the memory constant. The slices are
    not compressed, and the whole but lightly: that is what lets Parquet be as quick as CSV.
    """

    def __init__(self, target: Path, columns: Sequence[str], dtypes: Mapping[str, Any]) -> None:
        check_room_for_polars()
        self._target = target
        self._dtypes = {column: dtypes.get(column, str) for column in columns}
        self._folder = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        self._frames: list[pl.DataFrame] = []
        self._slices: list[Path] = []

    def write(self, values: Sequence[Column]) -> None:
        """Take rows, by column; write them once they fill a slice."""
        import polars as pl

        named = zip(self._dtypes.items(), values, strict=True)
        columns = [_build_column(name, dtype, column) for (name, dtype), column in named]
        self._frames.append(pl.DataFrame(columns))
        if sum(frame.height for frame in self._frames) >= SLICE_ROWS:
            self._flush()

    def finish(self) -> None:
        """Join the slices into the target."""
        import polars as pl

        if not self._frames and not self._slices:
            self.write([[] for _ in self._dtypes])
        if self._frames:
            self._flush()
        with _as_system_errors():
            # The folder may be called a[1]: no pattern.
            pl.scan_parquet(self._slices, glob=False).sink_parquet(
                self._target, compression_level=1, row_group_size=SLICE_ROWS
            )
        with self._target.open("rb") as file:
            os.fsync(file.fileno())

    def close(self) -> None:
        """Remove the slices."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _flush(self) -> None:
        """Write the rows at hand to a file of their own."""
        import polars as pl

        self._slices.append(self._folder / f"{len(self._slices)}.parquet")
        with _as_system_errors():
            pl.concat(self._frames).write_parquet(
                self._slices[-1], compression="uncompressed", statistics=False
            )
        self._frames.clear()


def _build_column(name: str, dtype: Any, values: Column) -> "pl.Series":
    """Build a column of its type; of strings where it has none of its own."""
    import polars as pl

    if isinstance(values, pl.Series):
        return values.alias(name)
    try:
        return pl.Series(name, values, dtype)
    except (TypeError, UnicodeEncodeError):
        if dtype is not str:
            raise
    return pl.Series(name, [_to_unicode(to_text(value)) for value in values], pl.String)


def _to_unicode(text: str | None) -> str | None:
    """Put U+FFFD for undecodable bytes, which have no place in Parquet."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


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
