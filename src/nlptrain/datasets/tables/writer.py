"""Predictions beside the rows that they belong to, in a file that is whole or not there."""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from nlptrain.datasets.tables.compression import Compression, split_compression
from nlptrain.datasets.tables.layout import TableFormat, find_output_format
from nlptrain.datasets.tables.parquet import ParquetWriter
from nlptrain.datasets.tables.stream_writer import StreamWriter
from nlptrain.datasets.tables.table import Batch, Table
from nlptrain.datasets.tables.text_stream import describe
from nlptrain.errors import DataError
from nlptrain.files.storage import name_unfinished

PREDICTED_COLUMNS: dict[str, type] = {"predicted_label": str, "predicted_probability": float}
"""What is told of each row, with the type of its values."""
RANKED_COLUMNS = PREDICTED_COLUMNS | {"true_rank": int}
"""The same where the true class is known: its rank, 1 for the most probable class."""


class PredictionWriter:
    """Writes the rows of a table, each with its prediction."""

    def __init__(self, rows: StreamWriter | ParquetWriter, name: str) -> None:
        self._rows = rows
        self._name = name

    def write(self, batch: Batch, *predicted: Sequence[str | float | None]) -> None:
        """Write rows in order, all of them.

        Args:
            batch: The rows.
            predicted: What is told of each, by column; None for a bad row.

        Raises:
            DataError: The disk is full, or otherwise refuses.
        """
        with _as_data_errors(self._name):
            self._rows.write([*batch.columns, *predicted])


@contextmanager
def write_predictions(
    target: Path | BinaryIO | None,
    table: Table,
    table_format: TableFormat | None = None,
    *,
    safe_csv: bool = False,
    columns: Mapping[str, type] = PREDICTED_COLUMNS,
) -> Iterator[PredictionWriter]:
    r"""Open an output for a table's rows with their predictions, below a row of column names.

    A file appears under its name once it is complete, and not at all if anything fails. csv quotes
    what needs it; tsv and txt have one line a row: tabs and line ends in a field become \t, \n, \r.

    Args:
        target: A file, a stream of bytes, or None for standard output.
        table: Where the rows come from; its columns go first.
        table_format: The format; None: by the file's ending, on a stream csv.
        safe_csv: Whether text that a spreadsheet would run as a formula gets an apostrophe.
        columns: The columns that are added, with the type of their values.

    Raises:
        DataError: The ending is unknown, the format cannot be had safe, the target cannot be
            written, or columns clash.
    """
    names = [*table.columns, *columns]
    if isinstance(target, Path):
        table_format = table_format or find_output_format(target)
        _check_columns(table, table_format, columns)
        _check_safe(str(target), table_format, safe_csv)
        dtypes = {**table.dtypes, **columns}
        with _replace_when_done(target, names, dtypes, table_format, safe_csv) as rows:
            yield PredictionWriter(rows, str(target))
        return
    table_format = table_format or "csv"
    if table_format == "parquet":
        raise DataError("parquet cannot be written to a stream: say --output FILE.parquet")
    _check_columns(table, table_format, columns)
    _check_safe("standard output", table_format, safe_csv)
    with _as_data_errors("standard output"):
        stream = StreamWriter(target or sys.stdout.buffer, names, table_format, safe_csv=safe_csv)
    yield PredictionWriter(stream, "standard output")


def write_columns(
    target: Path,
    columns: Mapping[str, Sequence[str]],
    table_format: TableFormat,
    *,
    safe_csv: bool = False,
) -> None:
    """Write a table of strings, whole or not at all.

    Args:
        target: The file.
        columns: Values by the column's name, one value a row.
        table_format: csv, tsv, jsonl or parquet.
        safe_csv: Whether text that a spreadsheet would run as a formula gets an apostrophe.

    Raises:
        DataError: The file cannot be written, or the format cannot be had safe.
    """
    _check_safe(str(target), table_format, safe_csv)
    with (
        _replace_when_done(target, list(columns), {}, table_format, safe_csv) as rows,
        _as_data_errors(str(target)),
    ):
        rows.write(list(columns.values()))


def _check_safe(name: str, table_format: TableFormat, safe_csv: bool) -> None:
    """Refuse to make safe what no spreadsheet takes for formulas."""
    if safe_csv and table_format in ("jsonl", "parquet"):
        raise DataError(f"{name}: --safe-csv goes with csv and tsv; {table_format} has no formulas")


def _check_columns(table: Table, table_format: TableFormat, added: Collection[str]) -> None:
    """Refuse columns that the output could not tell apart."""
    for column in added:
        if column in table.columns:
            raise DataError(f"{table.name}: it has a column {column!r} already: rename it")
    if table_format in ("jsonl", "parquet") and len(set(table.columns)) < len(table.columns):
        twice = next(column for column in table.columns if table.columns.count(column) > 1)
        raise DataError(
            f"{table.name}: two columns are called {twice!r}; "
            f"{table_format} takes one: rename the other"
        )


@contextmanager
def _replace_when_done(
    target: Path,
    columns: Sequence[str],
    dtypes: Mapping[str, Any],
    table_format: TableFormat,
    safe_csv: bool,
) -> Iterator[StreamWriter | ParquetWriter]:
    """Write to a file beside the target, which takes its name at the end."""
    name = str(target)
    _, compression = split_compression(target)
    if compression == "zip":
        raise DataError(f"{name}: a zip is read, not written: end the name in .gz")
    target = target.resolve()  # a link stays a link
    if target.exists() and not target.is_file():
        raise DataError(
            f"{name}: it is {'a folder' if target.is_dir() else 'no regular file'}; name a file"
        )
    if not target.parent.is_dir():
        raise DataError(f"{name}: the folder {target.parent} does not exist: make it first")
    temporary = name_unfinished(target)
    try:
        with _as_data_errors(name):
            writer = _open_rows(temporary, columns, dtypes, table_format, compression, safe_csv)
        try:
            yield writer
            with _as_data_errors(name):
                writer.finish()
        finally:
            # What could not be written before is tried again here.
            with _as_data_errors(name):
                writer.close()
        with _as_data_errors(name):
            temporary.replace(target)
    finally:
        # Where nothing may be written there is nothing to remove, and some systems refuse to look.
        with suppress(OSError):
            temporary.unlink()


def _open_rows(
    path: Path,
    columns: Sequence[str],
    dtypes: Mapping[str, Any],
    table_format: TableFormat,
    compression: Compression | None,
    safe_csv: bool,
) -> StreamWriter | ParquetWriter:
    if table_format == "parquet":
        return ParquetWriter(path, columns, dtypes)
    file = path.open("xb")
    return StreamWriter(file, columns, table_format, compression=compression, safe_csv=safe_csv)


@contextmanager
def _as_data_errors(name: str) -> Iterator[None]:
    """Turn the system's refusals into messages; a reader that went away is none."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DataError(f"{describe(error, name)}; nothing was written") from error
