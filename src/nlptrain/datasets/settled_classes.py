"""What becomes of strings with several labels, and of classes too rare to learn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from nlptrain.datasets.cleaning_report import CleaningReport, count, list_first
from nlptrain.datasets.distinct_strings import DistinctStrings, Places, Rows
from nlptrain.errors import DataError


def settle_conflicts(
    strings: DistinctStrings,
    several: Places,
    rule: Literal["majority", "drop", "error"],
    rows: Rows,
    report: CleaningReport,
) -> DistinctStrings:
    """Deal with strings of several labels.

    Args:
        strings: The strings, each with its most frequent label.
        several: How many labels each carried: (N,).
        rule: What becomes of those with more than one.
        rows: The rows, to show what is in conflict.
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
        readings = rows.distinct_readings
        shown = [readings[place] for place in np.flatnonzero(in_conflict)[:10]]
        listed = list_first(_show_labels(shown, rows), conflicts)
        raise DataError(
            "\n  ".join([f"{what}:", *listed])
            + "\nsettle them, or choose a rule: --set data.file.conflicts=majority (or drop)"
        )
    report.add("conflicts", conflicts, f"{what}: left out")
    return strings.keep(~in_conflict)


def _show_labels(shown: Sequence[str], rows: Rows) -> list[str]:
    """Show some strings as they are read, each with its labels and how often it carried them."""
    found: dict[str, Counter[str]] = {reading: Counter() for reading in shown}
    for reading, label in zip(rows.readings, rows.labels, strict=True):
        if reading in found:
            found[reading][label] += 1
    return [
        f"{reading!r}: " + ", ".join(f"{label} ({times})" for label, times in counter.most_common())
        for reading, counter in found.items()
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
