"""Rows → distinct strings, each with one label and in one file, and no class too rare to learn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.cleaning_report import CleaningReport, count, list_first
from nlptrain.errors import DataError

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DistinctStrings:
    """Strings, each once.

    Attributes:
        texts: The strings, in the order in which they were first seen.
        classes: Class index of each: (N,).
        files: Number of the file that each belongs to, or of the split that a column says: (N,).
        groups: Number of the group that each belongs to: (N,); None where there are no groups.
    """

    texts: list[str]
    classes: Indices
    files: Indices
    groups: Indices | None = None

    def keep(self, mask: NDArray[np.bool_]) -> "DistinctStrings":
        """Keep the strings where the mask is true: (N,)."""
        texts = [self.texts[place] for place in np.flatnonzero(mask)]
        groups = None if self.groups is None else self.groups[mask]
        return DistinctStrings(texts, self.classes[mask], self.files[mask], groups)


def settle_duplicates(
    texts: Sequence[str], labels: Sequence[str], files: Indices, report: CleaningReport
) -> tuple[DistinctStrings, tuple[str, ...], Indices]:
    """Keep each string once: with its most frequent label, in the last of its files.

    Args:
        texts: The string of each row.
        labels: The label of each row.
        files: Number of the file of each row: (rows,).
        report: Where duplicates and overlaps are counted.

    Returns:
        The strings, the sorted labels, and how many labels each string carried: (N,).
    """
    places: dict[str, int] = {}
    ids = np.array([places.setdefault(text, len(places)) for text in texts], np.int64)
    names = tuple(sorted(set(labels)))
    numbers = {label: number for number, label in enumerate(names)}
    row_classes = np.array([numbers[label] for label in labels], np.int64)
    duplicates = len(ids) - len(places)
    report.counts["distinct_strings"] = len(places)
    report.add(
        "duplicates",
        duplicates,
        f"{count(len(ids), 'row')}, {count(len(places), 'distinct string')}: "
        f"{count(duplicates, 'duplicate')} dropped",
    )
    classes, several = choose_labels(ids, row_classes)
    owners = _choose_files(ids, files, len(places), report)
    return DistinctStrings(list(places), classes, owners), names, several


def choose_labels(strings: Indices, classes: Indices) -> tuple[Indices, Indices]:
    """Give each string its most frequent class; on a tie the one seen first.

    Args:
        strings: Index of the string in each row, from 0 without a gap: (rows,).
        classes: Class index in each row: (rows,).

    Returns:
        The class of each string, and how many different ones it had: (N,) each.
    """
    width = int(classes.max(initial=0)) + 1
    pairs, first_seen, counts = np.unique(
        strings * width + classes, return_index=True, return_counts=True
    )
    string, class_index = np.divmod(pairs, width)
    best_first = np.lexsort((first_seen, -counts, string))
    _, starts = np.unique(string, return_index=True)
    return class_index[best_first[starts]], np.bincount(string)


def _choose_files(ids: Indices, files: Indices, strings: int, report: CleaningReport) -> Indices:
    """Leave each string in the last of its files, and count those that had several."""
    first = np.full(strings, files.max(initial=0))
    last = np.zeros(strings, np.int64)
    np.minimum.at(first, ids, files)
    np.maximum.at(last, ids, files)
    overlap = int((first < last).sum())
    report.add(
        "overlap",
        overlap,
        f"{count(overlap, 'string')} occurred in several splits: each stays in the test, else in "
        "validation, and is dropped from the others",
    )
    return last


def settle_conflicts(
    strings: DistinctStrings,
    several: Indices,
    rule: Literal["majority", "drop", "error"],
    rows: Mapping[str, Sequence[str]],
    report: CleaningReport,
) -> DistinctStrings:
    """Deal with strings of several labels.

    Args:
        strings: The strings, each with its most frequent label.
        several: How many labels each carried: (N,).
        rule: What becomes of those with more than one.
        rows: The rows' `texts` and `labels`, to show what is in conflict.
        report: Where conflicts are counted.

    Raises:
        DataError: There are conflicts, and the rule is "error".
    """
    in_conflict = several > 1
    conflicts = int(in_conflict.sum())
    what = f"{count(conflicts, 'string')} carried several labels"
    if rule == "majority":
        how = "each takes its most frequent one, on a tie the first seen"
        report.add("conflicts", conflicts, f"{what}: {how}")
        return strings
    if rule == "error" and conflicts:
        shown = [strings.texts[place] for place in np.flatnonzero(in_conflict)[:10]]
        listed = list_first(_show_labels(shown, rows["texts"], rows["labels"]), conflicts)
        raise DataError(
            "\n  ".join([f"{what}:", *listed])
            + "\nsettle them, or choose a rule: --set data.file.conflicts=majority (or drop)"
        )
    report.add("conflicts", conflicts, f"{what}: left out")
    return strings.keep(~in_conflict)


def _show_labels(shown: Sequence[str], texts: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Show some strings, each with its labels and how often it carried them."""
    found: dict[str, Counter[str]] = {text: Counter() for text in shown}
    for text, label in zip(texts, labels, strict=True):
        if text in found:
            found[text][label] += 1
    return [
        f"{text!r}: " + ", ".join(f"{label} ({times})" for label, times in counter.most_common())
        for text, counter in found.items()
    ]


def settle_rare_classes(
    strings: DistinctStrings, labels: Sequence[str], min_examples: int, report: CleaningReport
) -> tuple[DistinctStrings, tuple[str, ...]]:
    """Leave out classes with fewer distinct strings than the minimum, and number the others anew.

    Returns:
        The strings of the other classes, and the labels of these.
    """
    sizes = np.bincount(strings.classes, minlength=len(labels))
    is_kept = sizes >= min_examples
    rare = [f"{labels[place]!r} ({sizes[place]})" for place in np.flatnonzero(~is_kept).tolist()]
    report.add(
        "classes_left_out",
        len(rare),
        f"{count(len(rare), 'class')} left out, with fewer than "
        f"{count(min_examples, 'distinct string')}: {', '.join(list_first(rare, len(rare)))}",
    )
    report.counts["strings_left_out"] = int(sizes[~is_kept].sum())
    kept = strings.keep(is_kept[strings.classes])
    numbers = np.cumsum(is_kept) - 1
    names = tuple(label for label, keep in zip(labels, is_kept, strict=True) if keep)
    return replace(kept, classes=numbers[kept.classes]), names
