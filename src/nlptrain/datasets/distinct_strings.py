"""Rows → distinct strings, each with one label and in one file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.cleaning_report import CleaningReport, count
from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.first_seen import find_first_rows, number_in_order
from nlptrain.text.string_column import StringColumn, index_type

Indices = NDArray[np.int64]
Places = NDArray[np.signedinteger]
"""Whole numbers in the least memory."""


@dataclass(frozen=True, eq=False)
class DistinctStrings:
    """Strings, each once.

    Attributes:
        texts: The strings, in the order in which they were first seen.
        classes: Class index of each: (N,).
        files: Number of the file that each belongs to, or of the split that a column says: (N,).
        groups: Number of the group that each belongs to: (N,); None where there are no groups.
    """

    texts: StringColumn
    classes: Indices
    files: NDArray[np.signedinteger]
    groups: Indices | None = None

    def keep(self, mask: NDArray[np.bool_]) -> "DistinctStrings":
        """Keep the strings where the mask is true: (N,)."""
        if mask.all():
            return self
        groups = None if self.groups is None else self.groups[mask]
        return DistinctStrings(self.texts.keep(mask), self.classes[mask], self.files[mask], groups)


@dataclass(frozen=True, eq=False)
class Rows:
    """The good rows of all files.

    Attributes:
        texts: The string of each row.
        readings: The same as the network reads it: rows of one reading are one string.
        labels: The label of each row.
        files: Number of the file of each row, or of the split that a column says: (rows,).
    """

    texts: Sequence[str]
    readings: Sequence[str]
    labels: Sequence[str]
    files: NDArray[np.signedinteger]

    @cached_property
    def strings(self) -> Indices:
        """The number of each row's string, in the order in which they are first seen: (rows,)."""
        return number_strings(self.readings)

    @cached_property
    def distinct_readings(self) -> StringColumn:
        """The reading of each distinct string, in the order in which they are first seen."""
        return StringColumn.of(self.readings).take(find_first(self.strings))


def settle_duplicates(
    rows: Rows, report: CleaningReport
) -> tuple[DistinctStrings, tuple[str, ...], Places]:
    """Keep each string once: with its most frequent label, in the last of its files.

    Args:
        rows: The rows.
        report: Where duplicates and overlaps are counted.

    Returns:
        The strings, the sorted labels, and how many labels each string carried: (N,).
    """
    ids = rows.strings
    labels = CodedColumn.of(rows.labels)
    names = tuple(sorted(labels.sizes))
    numbers = {label: number for number, label in enumerate(names)}
    row_classes = np.array([numbers[label] for label in labels.names], np.int64)[labels.codes]
    strings, several = merge_rows(rows.texts, ids, row_classes, rows.files)
    duplicates = len(ids) - len(strings.texts)
    report.counts["distinct_strings"] = len(strings.texts)
    report.add(
        "duplicates",
        duplicates,
        f"{count(len(ids), 'row')}, {count(len(strings.texts), 'distinct string')}: "
        f"{count(duplicates, 'duplicate')} dropped",
    )
    overlap = _count_overlap(ids, rows.files, strings.files)
    report.add(
        "overlap",
        overlap,
        f"{count(overlap, 'string')} occurred in several splits: each stays in the test, else in "
        "validation, and is dropped from the others",
    )
    return strings, names, several


def number_strings(readings: Sequence[str]) -> Indices:
    """Number strings from 0, in the order in which they are first seen: (rows,)."""
    return number_in_order(find_first_rows(StringColumn.of(readings)))


def find_first(ids: Indices) -> Places:
    """Find the first row of each number from 0, none of which is missing: (N,)."""
    rows: Places = np.arange(len(ids), dtype=index_type(len(ids)))
    first: Places = np.empty(int(ids.max(initial=-1)) + 1, rows.dtype)
    first[ids[::-1]] = rows[::-1]
    return first


def merge_rows(
    texts: Sequence[str], ids: Indices, classes: Indices, files: NDArray[np.signedinteger]
) -> tuple[DistinctStrings, Places]:
    """Make one string of the rows of one number: its most frequent class, the last of its files.

    Of several spellings it keeps the first that carried this class.

    Args:
        texts: The string of each row.
        ids: The string's number: (rows,).
        classes: Class index of each row: (rows,).
        files: Number of the file of each row: (rows,).

    Returns:
        The strings, and how many classes each had: (N,).
    """
    chosen, first_rows, several = choose_labels(ids, classes)
    last = files[first_rows]
    if (files != files[:1]).any():
        later = np.flatnonzero(files > last[ids])
        np.maximum.at(last, ids[later], files[later])
    column = StringColumn.of(texts)
    distinct = column if len(column) == len(first_rows) else column.take(first_rows)
    return DistinctStrings(distinct, chosen, last), several


def choose_labels(strings: Indices, classes: Indices) -> tuple[Indices, Places, Places]:
    """Assign each string its most frequent class; on a tie the one seen first.

    Args:
        strings: Index of the string in each row, from 0 without a gap: (rows,).
        classes: Class index in each row: (rows,).

    Returns:
        The class of each string, its first row of this class, and how many different classes it
        had: (N,) each.
    """
    first_rows = find_first(strings)
    chosen = classes[first_rows]
    several = np.ones(len(first_rows), np.int32)
    is_again = np.ones(len(strings), bool)
    is_again[first_rows] = False
    again = np.flatnonzero(is_again)
    other = again[classes[again] != chosen[strings[again]]]
    if other.size:
        in_conflict = np.unique(strings[other])
        rows = np.flatnonzero(np.isin(strings, in_conflict))
        best = _choose_majority(np.searchsorted(in_conflict, strings[rows]), classes[rows])
        chosen[in_conflict], several[in_conflict] = best[0], best[2]
        first_rows[in_conflict] = rows[best[1]]
    return chosen, first_rows, several


def _choose_majority(strings: Indices, classes: Indices) -> tuple[Indices, Indices, Indices]:
    """Choose the labels of all strings by counting: the same as `choose_labels`."""
    width = int(classes.max(initial=0)) + 1
    pairs, first_seen, counts = np.unique(
        strings * width + classes, return_index=True, return_counts=True
    )
    string, class_index = np.divmod(pairs, width)
    best_first = np.lexsort((first_seen, -counts, string))
    _, starts = np.unique(string, return_index=True)
    best = best_first[starts]
    return class_index[best], first_seen[best], np.bincount(string)


def _count_overlap(
    ids: Indices, files: NDArray[np.signedinteger], last: NDArray[np.signedinteger]
) -> int:
    """Count the strings that stood in several files."""
    if (files == files[:1]).all():
        return 0
    return len(np.unique(ids[files != last[ids]]))
