"""The user's file → labelled strings, cleaned one by one; bad rows named with their lines."""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import count, list_first
from nlptrain.datasets.distinct_strings import Indices
from nlptrain.datasets.labelled_table import (
    SPLIT_NAMES,
    FirstColumns,
    open_labelled,
    read_values,
)
from nlptrain.datasets.shards import find_shards
from nlptrain.datasets.tables.bad_rows import BadRows
from nlptrain.datasets.tables.table import Row, Table, TextColumns
from nlptrain.errors import DataError
from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.normalization import normalize_column
from nlptrain.text.string_column import StringColumn
from nlptrain.tracking.stage import track

NO_ROWS = "no rows, only column names"
_BY_DEFAULT = {"text": ("text",), "label": ("label", "kind")}
"""Names of columns in the settings and in the packaged own_file: who says others means them."""
_READING = ("format", "delimiter", "quoting", "encoding", "sheet")
"""Settings that a command which names columns has to repeat, where they were said."""
_ASCII = 128
_BATCH_ROWS = 500
"""Few enough to stay in the processor's cache: twice as fast as 10,000."""


@dataclass
class LabelledRows:
    """The good rows of one file, or of all shards, in order.

    Attributes:
        path: The file, the folder or the pattern.
        texts: Strings, normalized and stripped.
        labels: Their labels.
        splits: Their splits' numbers, where a column says them; else empty.
        groups: Their groups, where a column says them; else empty.
        bad: The rows that could not be used.
        notes: Which columns were taken in place of those named.
        columns: Those of the strings and of the labels: a name, or a number without a header.
        written: The strings as they stand in the file, where these are kept.
    """

    path: str
    texts: StringColumn = field(default_factory=partial(StringColumn.of, ()))
    labels: CodedColumn = field(default_factory=partial(CodedColumn.of, ()))
    splits: Indices = field(default_factory=lambda: np.empty(0, np.int64))
    groups: CodedColumn = field(default_factory=partial(CodedColumn.of, ()))
    bad: BadRows = field(default_factory=BadRows)
    notes: list[str] = field(default_factory=list)
    columns: tuple[int | str, int | str] = ("text", "label")
    written: StringColumn = field(default_factory=partial(StringColumn.of, ()))

    @property
    def named(self) -> list[str]:
        """The first bad rows; of undecodable ones in a file of another encoding only the first."""
        return self.bad.name(self._decoded)

    @property
    def fault(self) -> str | None:
        """The fault that many rows share, with what to say about the file; None: single rows."""
        explained = self.bad.explain(len(self.texts), self._decoded)
        return explained and f"{self.path}: {explained}"

    @property
    def bad_may_be_left_out(self) -> bool:
        """Whether leaving out the bad rows would cost no more than single ones."""
        return self.bad.may_be_left_out(len(self.texts), self._decoded)

    @property
    def _decoded(self) -> int:
        """Count the good rows with characters beyond ASCII, where that says something."""
        if not self.bad.undecodable:
            return 0
        return int((self.texts.count_bytes(lambda data: data >= _ASCII) > 0).sum())


def read_labelled_rows(
    path: str, file: DataFile, text: TextSection, *, keep_written: bool = False
) -> LabelledRows:
    """Read all labelled strings of a file, or of all shards of a folder or a pattern.

    Args:
        path: The file, the folder or the pattern.
        file: How it is read.
        text: How strings are normalized.
        keep_written: Whether to keep the strings as they stand in the file, too.

    Raises:
        DataError: The file cannot be read, lacks a column, or has no rows.
    """
    found = LabelledRows(path)
    shards = find_shards(Path(path), file.format)
    found.notes.extend(shards.notes)
    command, meant = partial(name_columns, path, file), describe_meant(file)
    first: FirstColumns | None = None
    pieces: list[Piece] = []
    parts = shards.parts
    for shard in parts if len(parts) == 1 else track(parts, f"reading {path}", len(parts)):
        with open_labelled(shard, file, command, meant, first) as (table, columns, notes):
            first = first or FirstColumns.of(shard, table, columns, file)
            found.notes.extend(notes)
            pieces += read_pieces(found.bad, table, columns, file, text, keep_written=keep_written)
    if first is not None:
        found.columns = (first.names["text"], first.names["label"])
        _join(found, pieces, first.names)
    if not found.texts and not found.bad.number:
        raise DataError(f"{path}: {NO_ROWS}; is its first row one? say data.file.header: false")
    return found


def read_pieces(
    bad: BadRows,
    table: Table,
    columns: Mapping[str, int],
    file: DataFile,
    text: TextSection,
    *,
    keep_written: bool = False,
) -> Iterator["Piece"]:
    """Read the rows of an open table part by part; count the bad ones."""
    for part in table.parts(_BATCH_ROWS, columns.values()):
        written, coded = _read_part(part, bad, table, columns, strip=file.strip)
        texts = normalize_column(written, text.unicode, lowercase=text.lowercase, strip=file.strip)
        yield Piece(texts, written if keep_written else texts, coded)


def describe_meant(file: DataFile) -> frozenset[str]:
    """Describe which of the columns of strings and labels the user named."""
    return frozenset(
        name for name, usual in _BY_DEFAULT.items() if getattr(file, name) not in usual
    )


def name_columns(path: str, file: DataFile, text: str, label: str) -> str:
    """Make the command that trains on two columns of a file, read as it was."""
    said = {name: value for name in _READING if (value := getattr(file, name)) is not None}
    if said["encoding"] == DataFile.model_fields["encoding"].default:
        del said["encoding"]
    settings = [f"data.file.path={path}", *(f"data.file.{name}={said[name]}" for name in said)]
    typed = " ".join(f"--set {shlex.quote(setting)}" for setting in settings)
    columns = f"--set data.file.text={text} --set data.file.label={label}"
    return f"nlptrain train own_file {typed} {columns}"


class Read(Protocol):
    """Rows that have been read, and those that could not be used."""

    bad: BadRows

    @property
    def named(self) -> list[str]:
        """The first bad rows."""

    @property
    def fault(self) -> str | None:
        """The fault that many rows share."""

    @property
    def bad_may_be_left_out(self) -> bool:
        """Whether leaving out the bad rows would cost no more than single ones."""


def check_bad_rows(files: Sequence[Read]) -> None:
    """Refuse files with bad rows.

    Raises:
        DataError: Naming the fault that many rows share, or the first ten rows of all files.
    """
    bad_rows = sum(file.bad.number for file in files)
    if not bad_rows:
        return
    listed = list_first([line for file in files for line in file.named], bad_rows)
    lines = [f"{count(bad_rows, 'bad row')}:", *listed]
    advice = [file.fault for file in files if file.fault is not None]
    if all(file.bad_may_be_left_out for file in files):
        advice.append("mend them, or leave them out: --set data.file.bad_rows=skip")
    raise DataError("\n".join(["\n  ".join(lines), *advice]))


@dataclass(frozen=True, eq=False)
class Piece:
    """The good rows of a part of a file: their strings, as written too, and other columns."""

    texts: StringColumn
    written: StringColumn
    coded: Mapping[str, CodedColumn]


def _join(found: LabelledRows, pieces: Sequence[Piece], columns: Collection[str]) -> None:
    """Put the parts of a file one behind the other."""
    found.texts = StringColumn.join([piece.texts for piece in pieces])
    found.written = StringColumn.join([piece.written for piece in pieces])
    coded = {
        name: CodedColumn.join([piece.coded[name] for piece in pieces])
        for name in columns
        if name != "text"
    }
    found.labels = coded["label"]
    if "group" in coded:
        found.groups = coded["group"]
    if "split" in coded:
        numbers = np.array([SPLIT_NAMES[name] for name in coded["split"].names], np.int64)
        found.splits = numbers[coded["split"].codes]


def _read_part(
    part: list[Row] | TextColumns,
    bad: BadRows,
    table: Table,
    columns: Mapping[str, int],
    *,
    strip: bool,
) -> tuple[StringColumn, dict[str, CodedColumn]]:
    """Read the strings of a part's good rows, and their values in the other columns by setting."""
    if isinstance(part, TextColumns):
        coded = _code_columns(part, columns, strip=strip)
        if coded is not None:
            return part.values[columns["text"]], coded
        part = part.to_rows()
    values = _read_rows(part, bad, table, columns, strip=strip)
    coded = {name: CodedColumn.of(each) for name, each in values.items() if name != "text"}
    return StringColumn.of(values["text"]), coded


def _code_columns(
    part: TextColumns, columns: Mapping[str, int], *, strip: bool
) -> dict[str, CodedColumn] | None:
    """Read all columns but that of strings; None where a row has a value that none can have."""
    coded = {
        name: CodedColumn.of(part.values[place])
        for name, place in columns.items()
        if name != "text"
    }
    if strip:
        coded = {
            name: column.rename({each: each.strip() for each in column.names})
            for name, column in coded.items()
        }
    are_good = all(
        set(column.names) <= SPLIT_NAMES.keys() if name == "split" else "" not in column.names
        for name, column in coded.items()
    )
    return coded if are_good else None


def _read_rows(
    rows: list[Row], bad: BadRows, table: Table, columns: Mapping[str, int], *, strip: bool
) -> dict[str, list[str]]:
    """Read the values of the good rows by setting, and count the bad ones."""
    found: dict[str, list[str]] = {name: [] for name in columns}
    text_column, label_column = columns["text"], columns["label"]
    texts, labels = found["text"], found["label"]
    is_usual = found.keys() == {"text", "label"}
    for row in rows:
        _, fields, problem = row
        if is_usual and problem is None:
            # What nearly every row is, in a third of the time.
            string, label = fields[text_column], fields[label_column]
            if type(string) is str and type(label) is str:
                label = label.strip() if strip else label
                if label:
                    texts.append(string)
                    labels.append(label)
                    continue
        values, problem = read_values(row, table, columns, strip=strip)
        if problem is not None:
            bad.add(table, row, problem)
            continue
        for name, value in values.items():
            found[name].append(value)
    return found
