"""Rows → bytes, for the formats that can be written as they come: CSV, TSV and JSON Lines."""

import csv
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, BinaryIO

from nlptrain.datasets.tables.cells import defuse, to_json, to_text
from nlptrain.datasets.tables.compression import Compression, compress
from nlptrain.datasets.tables.frame_values import to_values
from nlptrain.datasets.tables.layout import TableFormat
from nlptrain.datasets.tables.table import Column

Columns = Sequence[Sequence[Any]]
"""Values by column, one value a row: quicker to go through than rows."""

_TSV_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})


class StreamWriter:
    """Encodes rows onto a stream of bytes, the columns' names first."""

    def __init__(
        self,
        stream: BinaryIO,
        columns: Sequence[str],
        table_format: TableFormat,
        *,
        compression: Compression | None = None,
        safe_csv: bool = False,
    ) -> None:
        self._file = stream
        self._stream = compress(stream, compression)
        encode = _find_encoder(columns, table_format)
        self._encode = partial(_encode_defused, encode) if safe_csv else encode
        if table_format != "jsonl":
            self.write([[column] for column in columns])

    def write(self, columns: Sequence[Column]) -> None:
        """Write rows at once, so that the reader of a pipe need not wait."""
        self._stream.write(self._encode([_to_sequence(column) for column in columns]))
        self._stream.flush()

    def finish(self) -> None:
        """Make sure that all is on the disk before the file gets its name."""
        if self._stream is not self._file:
            self._stream.close()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
        self._file.close()


def _find_encoder(columns: Sequence[str], table_format: TableFormat) -> Callable[[Columns], bytes]:
    if table_format == "jsonl":
        return partial(_encode_json_lines, columns)
    return _encode_csv if table_format == "csv" else _encode_tsv


def _to_sequence(column: Column) -> Sequence[Any]:
    """Take a column of polars apart; any other is as it should be."""
    return column if isinstance(column, Sequence) else to_values(column)


def _encode_json_lines(names: Sequence[str], values: Columns) -> bytes:
    """Write rows as one object a line."""
    rows = zip(*values, strict=True)
    return _encode("".join(f"{to_json(dict(zip(names, row, strict=True)))}\n" for row in rows))


def _encode_csv(values: Columns) -> bytes:
    r"""Write rows with commas, quoting the fields that need it.

    The csv module quotes carriage returns only where its line end holds one: hence \r\n, which
    is taken off again.
    """
    fields = [_spell(column) for column in values]
    lines = _join(fields, ",")
    if '"' not in lines and _is_plain(lines, fields, ","):
        return _encode(lines)
    quoted = _CsvLines()
    csv.writer(quoted, lineterminator="\r\n").writerows(zip(*fields, strict=True))
    return _encode("".join(quoted))


def _encode_defused(encode: Callable[[Columns], bytes], values: Columns) -> bytes:
    """Write rows in which no text is a formula."""
    return encode([list(map(defuse, column)) for column in values])


class _CsvLines(list[str]):
    """What a csv writer writes to; makes a line feed of its line ends."""

    def write(self, line: str) -> None:
        self.append(f"{line[:-2]}\n")


def _encode_tsv(values: Columns) -> bytes:
    r"""Write rows with tabs and no quotes; tabs and line ends in a field become \t, \n, \r."""
    fields = [_spell(column) for column in values]
    lines = _join(fields, "\t")
    if not _is_plain(lines, fields, "\t"):
        fields = [[field.translate(_TSV_ESCAPES) for field in column] for column in fields]
        lines = _join(fields, "\t")
    return _encode(lines)


def _spell(column: Sequence[Any]) -> Sequence[str]:
    """Write each value as a string, nothing as an empty one."""
    types = set(map(type, column))
    if types == {str}:
        return column
    if types == {float}:
        return list(map(repr, column))
    return [to_text(value) or "" for value in column]


def _join(fields: Sequence[Sequence[str]], delimiter: str) -> str:
    """Join the fields of each row, and the rows."""
    return "\n".join(map(delimiter.join, zip(*fields, strict=True))) + "\n"


def _is_plain(lines: str, fields: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Return whether no field contains a delimiter or a line end, by counting once: fast."""
    rows = len(fields[0])
    delimiters = rows * (len(fields) - 1)
    counts = lines.count("\n"), lines.count(delimiter), lines.count("\r")
    return counts == (rows, delimiters, 0)


def _encode(lines: str) -> bytes:
    """Encode in UTF-8; bytes that could not be decoded come out as they were."""
    return lines.encode("utf-8", "surrogateescape")
