"""Shards → windows of rows, each string once within a window: what a pass over a stream reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.distinct_strings import Indices, merge_rows, number_strings
from nlptrain.datasets.labelled_pieces import Piece, read_pieces
from nlptrain.datasets.labelled_rows import describe_meant, name_columns
from nlptrain.datasets.labelled_table import FirstColumns, open_labelled
from nlptrain.datasets.shards import Shard, Shards, find_shards
from nlptrain.datasets.tables.bad_rows import BadRows
from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.reading import Reading
from nlptrain.text.string_column import StringColumn
from nlptrain.text.string_hash import Hashes, mix_hashes


@dataclass(frozen=True, eq=False)
class Window:
    """The distinct strings of some rows of a shard, in the order in which they are first seen.

    Attributes:
        texts: The strings.
        labels: Number of each one's most frequent label within the window: (N,).
        hashes: A number that only strings share that the network reads alike: (N,).
        rows: How many rows they are.
        row_labels: The rows of each label, by its number: (labels so far,).
    """

    texts: StringColumn
    labels: Indices
    hashes: Hashes
    rows: int
    row_labels: Indices


@dataclass(eq=False)
class WindowReader:
    """Reads the windows of shards, always the same ones.

    Attributes:
        file: How the shards are read.
        text: How their strings are normalized, and which of them are the same.
        size: Good rows of a window; the last one of a shard may have fewer.
        seed: Of the hashes.
        numbers: Each label's number, in the order in which they are first seen.
        bad: The rows that could not be used, and how many others were read.
        notes: Which columns were taken in place of those named.
        first: The columns of the first shard.
    """

    file: DataFile
    text: TextSection
    size: int
    seed: int
    numbers: dict[str, int] = field(default_factory=dict)
    bad: BadRows = field(default_factory=BadRows)
    notes: list[str] = field(default_factory=list)
    first: FirstColumns | None = None

    @cached_property
    def shards(self) -> Shards:
        """The files."""
        return find_shards(Path(self.file.path), self.file.format)

    def read(self, shard: Shard) -> Iterator[Window]:
        """Read the windows of a shard, in order.

        Raises:
            DataError: It cannot be read, or lacks a column.
        """
        command = partial(name_columns, self.file.path, self.file)
        opened = open_labelled(shard, self.file, command, describe_meant(self.file), self.first)
        with opened as (table, columns, notes):
            self.first = self.first or FirstColumns.of(shard, table, columns, self.file)
            self.notes.extend(notes)
            pieces = read_pieces(self.bad, table, columns, self.file, self.text)
            for texts, labels in _cut(pieces, self.size):
                yield self._settle(texts, labels.rename(self.file.labels))

    def _settle(self, texts: StringColumn, labels: CodedColumn) -> Window:
        """Keep each string once, with its most frequent label."""
        for name in labels.names:
            self.numbers.setdefault(name, len(self.numbers))
        codes = np.array([self.numbers[name] for name in labels.names], np.int64)[labels.codes]
        readings = StringColumn.of(Reading.of(self.text).read(texts))
        ids = number_strings(readings)
        strings, _ = merge_rows(texts, ids, codes, np.zeros(len(texts), np.int64))
        hashes = np.empty(len(strings.texts), np.uint64)
        hashes[ids] = mix_hashes(readings, self.seed)
        self.bad.good += len(texts)
        self.bad.decoded += texts.count_beyond_ascii()
        sizes = np.bincount(codes, minlength=len(self.numbers))
        return Window(strings.texts, strings.classes, hashes, len(texts), sizes)


def _cut(pieces: Iterator[Piece], size: int) -> Iterator[tuple[StringColumn, CodedColumn]]:
    """Cut the good rows of a shard into windows of so many, whatever the pieces are."""
    texts: list[StringColumn] = []
    labels: list[CodedColumn] = []
    waiting = 0
    for piece in pieces:
        texts.append(piece.texts)
        labels.append(piece.coded["label"])
        waiting += len(piece.texts)
        if waiting < size:
            continue
        all_texts, all_labels = StringColumn.join(texts), CodedColumn.join(labels)
        whole = waiting - waiting % size
        for start in range(0, whole, size):
            yield _slice(all_texts, all_labels, start, start + size)
        rest = _slice(all_texts, all_labels, whole, waiting)
        texts, labels, waiting = [rest[0]], [rest[1]], waiting - whole
    if waiting:
        yield StringColumn.join(texts), CodedColumn.join(labels)


def _slice(
    texts: StringColumn, labels: CodedColumn, start: int, end: int
) -> tuple[StringColumn, CodedColumn]:
    return texts[start:end], CodedColumn(labels.names, labels.codes[start:end])
