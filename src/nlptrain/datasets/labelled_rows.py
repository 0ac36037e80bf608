"""The user's file → labelled strings, cleaned one by one; bad rows named with their lines."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from sys import intern

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import count, list_first
from nlptrain.datasets.labelled_table import (
    SPLIT_NAMES,
    FirstColumns,
    open_labelled,
    read_values,
)
from nlptrain.datasets.shards import find_shards
from nlptrain.datasets.tables.bad_rows import BadRows
from nlptrain.datasets.tables.table import Row, Table
from nlptrain.errors import DataError
from nlptrain.text.normalization import normalize
from nlptrain.tracking.stage import track

NO_ROWS = "no rows, only column names"
_USUAL = 2
"""Columns of a table without splits and groups."""
_BY_DEFAULT = {"text": ("text",), "label": ("label", "kind")}
"""Names of columns in the settings and in the packaged own_file: who says others means them."""
_READING = ("format", "delimiter", "quoting", "encoding", "sheet")
"""Settings that a command which names columns has to repeat, where they were said."""
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
        written: The strings as they stand in the file; empty where they are not kept.
    """

    path: str
    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    splits: list[int] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    bad: BadRows = field(default_factory=BadRows)
    notes: list[str] = field(default_factory=list)
    columns: tuple[int | str, int | str] = ("text", "label")
    written: list[str] = field(default_factory=list)

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
        return sum(not text.isascii() for text in self.texts) if self.bad.undecodable else 0


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
    command = partial(_name_columns, path, file)
    meant = frozenset(
        name for name, usual in _BY_DEFAULT.items() if getattr(file, name) not in usual
    )
    first: FirstColumns | None = None
    parts = shards.parts
    for shard in parts if len(parts) == 1 else track(parts, f"reading {path}", len(parts)):
        with open_labelled(shard, file, command, meant, first) as (table, columns, notes):
            first = first or FirstColumns.of(shard, table, columns, file)
            found.notes.extend(notes)
            _read_rows(found, table, columns, file, text, keep_written=keep_written)
    if first is not None:
        found.columns = (first.names["text"], first.names["label"])
    if not found.texts and not found.bad.number:
        raise DataError(f"{path}: {NO_ROWS}; is its first row one? say data.file.header: false")
    return found


def _read_rows(
    found: LabelledRows,
    table: Table,
    columns: Mapping[str, int],
    file: DataFile,
    text: TextSection,
    *,
    keep_written: bool,
) -> None:
    """Read the rows of an open table."""
    for batch in table.batches(_BATCH_ROWS, columns.values()):
        texts = _add_rows(found, batch.rows, table, columns, strip=file.strip)
        if keep_written:
            found.written.extend(texts)
        normalized = normalize(texts, text.unicode, text.lowercase)
        # Stripped last: compatibility forms turn some characters into spaces.
        found.texts.extend(map(str.strip, normalized) if file.strip else normalized)


def _name_columns(path: str, file: DataFile, text: str, label: str) -> str:
    """Make the command that trains on two columns of a file, read as it was."""
    said = {name: value for name in _READING if (value := getattr(file, name)) is not None}
    if said["encoding"] == DataFile.model_fields["encoding"].default:
        del said["encoding"]
    settings = [f"data.file.path={path}", *(f"data.file.{name}={said[name]}" for name in said)]
    typed = " ".join(f"--set {shlex.quote(setting)}" for setting in settings)
    columns = f"--set data.file.text={text} --set data.file.label={label}"
    return f"nlptrain train own_file {typed} {columns}"


def check_bad_rows(files: Sequence[LabelledRows]) -> None:
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


def _add_rows(
    found: LabelledRows,
    rows: list[Row],
    table: Table,
    columns: Mapping[str, int],
    *,
    strip: bool,
) -> list[str]:
    """Add what belongs to the good rows of a batch, count the bad ones, and return the strings."""
    texts = []
    text_column, label_column = columns["text"], columns["label"]
    is_usual = len(columns) == _USUAL
    for row in rows:
        _, fields, problem = row
        if is_usual and problem is None:
            # What nearly every row is, in a third of the time.
            string, label = fields[text_column], fields[label_column]
            if type(string) is str and type(label) is str:
                label = label.strip() if strip else label
                if label:
                    texts.append(string)
                    found.labels.append(intern(label))
                    continue
        values, problem = read_values(row, table, columns, strip=strip)
        if problem is not None:
            found.bad.add(table, row, problem)
            continue
        texts.append(values["text"])
        found.labels.append(intern(values["label"]))
        if "split" in values:
            found.splits.append(SPLIT_NAMES[values["split"]])
        if "group" in values:
            found.groups.append(intern(values["group"]))
    return texts
