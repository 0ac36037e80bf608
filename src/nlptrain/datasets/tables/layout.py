"""How a table of strings is written down: what the user says, and what the file's ending tells."""

import codecs
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nlptrain.datasets.tables.compression import COMPRESSIONS, find_zipped_name, split_compression
from nlptrain.datasets.tables.text_stream import COMMON_ENCODINGS
from nlptrain.errors import DataError

TableFormat = Literal["csv", "tsv", "jsonl", "json", "parquet", "excel", "text"]

FORMATS: dict[str, TableFormat] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".parq": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".ods": "excel",
    ".txt": "text",
}
"""The format that a file's ending stands for."""
WRITTEN = ("csv", "tsv", "jsonl", "parquet", "text")
"""The formats that are written too."""
_ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
_OPTIONS: dict[str, tuple[TableFormat, ...]] = {
    "delimiter": ("csv", "tsv"),
    "quoting": ("csv", "tsv"),
    "header": ("csv", "tsv", "excel"),
    "sheet": ("excel",),
}
"""The formats that have an option."""


@dataclass(frozen=True)
class TableLayout:
    """How to read one table, completely said.

    Attributes:
        format: csv, tsv, jsonl (one object a line), json (one array of objects), parquet, excel
            (OpenDocument too), or text (one string a line).
        delimiter: The character between two fields, in csv and tsv.
        header: Whether the first row names the columns, in csv, tsv and excel.
        quoting: Whether "…" quotes a field, in csv and tsv.
        encoding: The text encoding by its Python name; utf-8 reads a byte-order mark too.
        sheet: The sheet's name, in excel; None: the only one with cells.
    """

    format: TableFormat
    delimiter: str = ","
    header: bool = True
    quoting: bool = True
    encoding: str = "utf-8"
    sheet: str | None = None


def complete_layout(
    path: Path,
    *,
    table_format: TableFormat | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    quoting: bool | None = None,
    encoding: str = "utf-8",
    sheet: str | None = None,
) -> TableLayout:
    """Fill in what is not said: the format from the ending, the rest from the format.

    A csv has commas and quotes, a tsv tabs and no quotes, so that a lone quote is a character.

    Raises:
        DataError: The ending is unknown, or an option is one that the format cannot have.
    """
    found = table_format or _find_input_format(path)
    options = {"delimiter": delimiter, "quoting": quoting, "header": header, "sheet": sheet}
    _check_options(path, found, options)
    _check_encoding(path, encoding)
    return TableLayout(
        format=found,
        delimiter=delimiter or ("\t" if found == "tsv" else ","),
        header=True if header is None else header,
        quoting=found != "tsv" if quoting is None else quoting,
        encoding=encoding,
        sheet=sheet,
    )


def find_output_format(path: Path) -> TableFormat:
    """Find the format to write a table in, by its file's ending.

    Raises:
        DataError: The ending is unknown, or stands for a format that is only read.
    """
    found = find_format(path)
    if found not in WRITTEN:
        raise DataError(f"{path}: {found} is read, not written; name it {', '.join(_ENDINGS)}")
    return found


def _find_input_format(path: Path) -> TableFormat:
    """Find a table's format by its file's ending, or within a zip by that of its one file."""
    plain, compression = split_compression(path)
    if compression == "zip" and plain.suffix.lower() not in FORMATS and path.is_file():
        path = path / find_zipped_name(path)
    return find_format(path, "; rename it, or for training say data.file.format")


def find_format(path: Path, remedy: str = "") -> TableFormat:
    """Find a table's format by its file's ending, before that of a compression.

    Raises:
        DataError: The ending is unknown, or it is Parquet or a spreadsheet in a compression.
    """
    plain, compression = split_compression(path)
    found = FORMATS.get(plain.suffix.lower())
    if found is None:
        raise DataError(
            f"{path}: the ending {plain.suffix!r} tells no format; known are "
            f"{', '.join(FORMATS)}, also compressed: {', '.join(COMPRESSIONS)}{remedy}"
        )
    if found in ("parquet", "excel") and compression is not None:
        raise DataError(
            f"{path}: {found} is compressed by itself: unpack it, or name it {plain.name}"
        )
    return found


def _check_options(path: Path, table_format: TableFormat, options: Mapping[str, object]) -> None:
    """Refuse what would be ignored in silence, and delimiters that cannot separate."""
    for name, formats in _OPTIONS.items():
        if options[name] is not None and table_format not in formats:
            raise DataError(
                f"{path}: {name}: only {' and '.join(formats)} have it, this is {table_format}; "
                "leave it out"
            )
    delimiter = options["delimiter"]
    if isinstance(delimiter, str) and (len(delimiter) != 1 or delimiter in '"\r\n'):
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
            f"{path}: unknown encoding {encoding[:60]!r}; common ones: utf-8, {COMMON_ENCODINGS}"
        ) from error
