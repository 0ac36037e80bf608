"""The user's file → labelled strings; bad rows named with their lines."""

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import count, list_first
from nlptrain.datasets.distinct_strings import Indices
from nlptrain.datasets.labelled_pieces import Piece, read_pieces
from nlptrain.datasets.labelled_table import SPLIT_NAMES, FirstColumns, open_labelled
from nlptrain.datasets.shards import find_shards
from nlptrain.datasets.tables.bad_rows import BadRows
from nlptrain.errors import DataError
from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.string_column import StringColumn
from nlptrain.tracking.stage import track

NO_ROWS = "no rows, only column names"
_BY_DEFAULT = {"text": ("text",), "label": ("label", "kind")}
"""Names of columns in the settings and in the packaged own_file: who says others means them."""
_READING = ("format", "delimiter", "quoting", "encoding", "sheet")
"""Settings that a command which names columns has to repeat, where they were said."""


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
    found.bad.good = len(found.texts)
    if found.bad.undecodable:
        found.bad.decoded = found.texts.count_beyond_ascii()
    if not found.texts and not found.bad.number:
        raise DataError(f"{path}: {NO_ROWS}; is its first row one? say data.file.header: false")
    return found


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


def check_bad_rows(files: Sequence[tuple[str, BadRows]]) -> None:
    """Refuse files, each a path and its bad rows, if there are any.

    Raises:
        DataError: Naming the fault that many rows share, or the first ten rows of all files.
    """
    bad_rows = sum(bad.number for _, bad in files)
    if not bad_rows:
        return
    listed = list_first([line for _, bad in files for line in bad.named], bad_rows)
    lines = [f"{count(bad_rows, 'bad row')}:", *listed]
    advice = [f"{path}: {bad.fault}" for path, bad in files if bad.fault is not None]
    if all(bad.may_be_left_out for _, bad in files):
        advice.append("mend them, or leave them out: --set data.file.bad_rows=skip")
    raise DataError("\n".join(["\n  ".join(lines), *advice]))


def _join(found: LabelledRows, pieces: Sequence[Piece], columns: Collection[str]) -> None:
    """Put the parts of a file one behind the other."""
    found.texts = StringColumn.join([piece.texts for piece in pieces])
    found.written = found.texts
    if any(piece.written is not piece.texts for piece in pieces):
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
