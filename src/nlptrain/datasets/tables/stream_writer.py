"""Rows → bytes, for the formats that can be written as they come: CSV, TSV and JSON Lines."""

import csv
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, BinaryIO

from nlptrain.datasets.tables.cells import to_json, to_text
from nlptrain.datasets.tables.layout import TableFormat

Rows = Sequence[Sequence[Any]]
"""Rows of values, one value a column."""

_WRITTEN_ALIKE = (str, float, int, type(None))
_TSV_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})


class StreamWriter:
    """Encodes rows onto a stream of bytes, the columns' names first."""

    def __init__(self, stream: BinaryIO, columns: Sequence[str], table_format: TableFormat) -> None:
        self._stream = stream
        self._encode = _find_encoder(columns, table_format)
        if table_format != "jsonl":
            self.write([columns])

    def write(self, rows: Rows) -> None:
        """Write rows at once, so that the reader of a pipe need not wait."""
        self._stream.write(self._encode(rows))
        self._stream.flush()

    def finish(self) -> None:
        """Make sure that all is on the disk before the file gets its name."""
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


def _find_encoder(columns: Sequence[str], table_format: TableFormat) -> Callable[[Rows], bytes]:
    if table_format == "jsonl":
        return partial(_encode_json_lines, columns)
    return _encode_csv if table_format == "csv" else _encode_tsv


def _encode_json_lines(columns: Sequence[str], rows: Rows) -> bytes:
    """Write rows as one object a line."""
    return _join([to_json(dict(zip(columns, row, strict=True))) for row in rows])


class _CsvLines(list[str]):
    """What a csv writer writes to; takes its line ends off."""

    def write(self, line: str) -> None:
        self.append(line[:-2])


def _encode_csv(rows: Rows) -> bytes:
    r"""Write rows with commas, quoting the fields that need it.

    The csv module quotes carriage returns only where its line end holds one: hence \r\n, which
    is taken off again.
    """
    lines = _CsvLines()
    csv.writer(lines, lineterminator="\r\n").writerows(map(_respell, rows))
    return _join(lines)


def _respell(row: Sequence[Any]) -> Sequence[Any]:
    """Make strings of the values that the csv module would write in Python's spelling."""
    for value in row:
        if type(value) not in _WRITTEN_ALIKE:
            return [to_text(value) for value in row]
    return row


def _encode_tsv(rows: Rows) -> bytes:
    r"""Write rows with tabs and no quotes; tabs and line ends in a field become \t, \n, \r."""
    return _join([_to_tsv_line([to_text(value) or "" for value in row]) for row in rows])


def _to_tsv_line(fields: list[str]) -> str:
    line = "\t".join(fields)
    if line.count("\t") < len(fields) and "\n" not in line and "\r" not in line:
        return line
    return "\t".join(field.translate(_TSV_ESCAPES) for field in fields)


def _join(lines: list[str]) -> bytes:
    """Join lines in UTF-8; bytes that could not be decoded come out as they were."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
