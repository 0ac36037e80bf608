"""The rows of a user's files as they stand there, and what is odd about them."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import count
from nlptrain.datasets.labelled_rows import LabelledRows, read_labelled_rows
from nlptrain.datasets.raw_rows import RawRows
from nlptrain.datasets.row_findings import Finding, find_oddities
from nlptrain.datasets.shards import find_shards
from nlptrain.datasets.tables.compression import decompress
from nlptrain.datasets.tables.layout import complete_layout
from nlptrain.datasets.tables.text_stream import open_bytes
from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.reading import Reading
from nlptrain.text.string_column import StringColumn

_AS_IT_IS = TextSection(unicode="none", lowercase=False)
_CHUNK_BYTES = 1 << 20


def find_in_files(
    files: Mapping[int, LabelledRows], file: DataFile, text: TextSection
) -> list[Finding]:
    """Describe what is odd about the rows of a config's files, before its rules mend them.

    Args:
        files: The rows, with the strings as they are written.
        file: How the files were read.
        text: The settings that decide which strings are the same.

    Raises:
        DataError: A file cannot be read again.
    """
    findings = [finding for rows in files.values() for finding in _find_bad_quoting(rows, file)]
    parts = list(files.values())
    written, normalized = (
        StringColumn.join([getattr(rows, name) for rows in parts]) for name in ("written", "texts")
    )
    if not written:
        return findings
    labels = CodedColumn.join([rows.labels for rows in parts])
    return findings + find_oddities(RawRows(written, labels, Reading.of(text).read(normalized)))


def _find_bad_quoting(rows: LabelledRows, file: DataFile) -> list[Finding]:
    """Find quotes that quote nothing: without quoting the rows are others, and no fewer are good.

    Quotes that are meant are no finding: without quoting their rows would be bad.
    """
    shards = find_shards(Path(rows.path), file.format).parts
    layout = complete_layout(
        shards[0].path, table_format=file.format, delimiter=file.delimiter, quoting=file.quoting
    )
    if layout.format not in ("csv", "tsv") or not any(_has_quotes(shard.path) for shard in shards):
        return []
    other = file.model_copy(update={"quoting": not layout.quoting})
    counts = [_count(rows), _count(read_labelled_rows(rows.path, other, _AS_IT_IS))]
    on, off = counts if layout.quoting else reversed(counts)
    if on == off or off[1] > on[1]:
        return []
    advice = "say data.file.quoting: false" if layout.quoting else "so data.file.quoting is off"
    return [
        Finding(
            "quoting",
            off[0] - on[0],
            f"{rows.path}: quotes that quote nothing: {_describe(*off)} without quoting, "
            f"{_describe(*on)} with it; {advice}",
        )
    ]


def _has_quotes(path: Path) -> bool:
    """Return whether a file may hold quotes: in every encoding they are, or hold, this byte."""
    with open_bytes(path, str(path)) as file:
        content = decompress(file)
        return any(b'"' in chunk for chunk in iter(partial(content.read, _CHUNK_BYTES), b""))


def _count(rows: LabelledRows) -> tuple[int, int]:
    return len(rows.texts), rows.bad.number


def _describe(good: int, bad: int) -> str:
    return count(good, "row") + (f" and {count(bad, 'bad one')}" if bad else "")
