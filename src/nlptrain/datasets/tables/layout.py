"""How a table of strings is written down: what the user says, and what the file's ending tells."""

import codecs
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nlptrain.datasets.tables.compression import COMPRESSIONS, split_compression
from nlptrain.errors import DataError

TableFormat = Literal["csv", "tsv", "jsonl", "parquet", "text"]

FORMATS: dict[str, TableFormat] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "text",
}
"""The format that a file's ending stands for."""


@dataclass(frozen=True)
class TableLayout:
    """How to read one table, completely said.

    Attributes:
        format: csv, tsv, jsonl (one object a line), parquet, or text (one string a line).
        delimiter: The character between two fields, in csv and tsv.
        header: Whether the first row names the columns, in csv and tsv.
        quoting: Whether "…" quotes a field, in csv and tsv.
        encoding: The text encoding by its Python name; utf-8 reads a byte-order mark too.
    """

    format: TableFormat
    delimiter: str = ","
    header: bool = True
    quoting: bool = True
    encoding: str = "utf-8"


def complete_layout(
    path: Path,
    *,
    table_format: TableFormat | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    quoting: bool | None = None,
    encoding: str = "utf-8",
) -> TableLayout:
    """Fill in what is not said: the format from the ending, the rest from the format.

    A csv has commas and quotes, a tsv tabs and no quotes, so that a lone quote is a character.

    Raises:
        DataError: The ending is unknown, or an option is one that the format cannot have.
    """
    found = table_format or find_format(path, "; rename it, or for training say data.file.format")
    _check_options(path, found, delimiter, header, quoting)
    _check_encoding(path, encoding)
    return TableLayout(
        format=found,
        delimiter=delimiter or ("\t" if found == "tsv" else ","),
        header=True if header is None else header,
        quoting=found != "tsv" if quoting is None else quoting,
        encoding=encoding,
    )


def find_format(path: Path, remedy: str = "") -> TableFormat:
    """Find a table's format by its file's ending, before that of a compression.

    Raises:
        DataError: The ending is unknown, or it is Parquet in a compression.
    """
    plain, compression = split_compression(path)
    found = FORMATS.get(plain.suffix.lower())
    if found is None:
        raise DataError(
            f"{path}: the ending {plain.suffix!r} tells no format; known are "
            f"{', '.join(FORMATS)}, also compressed: {', '.join(COMPRESSIONS)}{remedy}"
        )
    if found == "parquet" and compression is not None:
        raise DataError(f"{path}: Parquet is compressed by itself: name it {plain.name}")
    return found


def _check_options(
    path: Path,
    table_format: TableFormat,
    delimiter: str | None,
    header: bool | None,
    quoting: bool | None,
) -> None:
    """Refuse what would be ignored in silence, and delimiters that cannot separate."""
    options = {"delimiter": delimiter, "header": header, "quoting": quoting}
    said = [name for name, value in options.items() if value is not None]
    if said and table_format not in ("csv", "tsv"):
        raise DataError(
            f"{path}: {', '.join(said)}: only csv and tsv have it, this is {table_format}; "
            "leave it out"
        )
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise DataError(
            f"{path}: {delimiter!r} cannot separate columns; "
            "give one character, no quote and no line end"
        )


def _check_encoding(path: Path, encoding: str) -> None:
    """Refuse names that Python does not know as a text encoding."""
    try:
        codecs.lookup(encoding)
        io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    except (LookupError, ValueError) as error:
        raise DataError(
            f"{path}: unknown encoding {encoding[:60]!r}; common ones: "
            "utf-8, latin-1, cp1252, utf-16"
        ) from error
