"""What the user should know of a sample: lengths left out, lengths with few strings."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.quotas import Counts, balanced_room

MAX_LISTED = 10
"""Lengths that a note lists one by one."""


def note_left_out(
    lengths: NDArray[np.int64], possible: NDArray[np.bool_], labels: Sequence[str]
) -> list[str]:
    """Describe which lengths are left out, and why.

    Args:
        lengths: Those lengths: (L,).
        possible: Which classes each has: (L, C).
        labels: Names of the classes.
    """
    reasons: dict[str, list[int]] = {}
    for length, classes in zip(lengths.tolist(), possible, strict=True):
        only = [f"every string is {labels[index]!r}" for index in np.flatnonzero(classes).tolist()]
        reasons.setdefault(only[0] if only else "no string has a class", []).append(length)
    return [f"Left out, length {_list(found)}: {reason}." for reason, found in reasons.items()]


def note_few(lengths: NDArray[np.int64], counts: Counts, placed: Counts) -> list[str]:
    """Describe which lengths have too few strings for an even share, and what the others give.

    Args:
        lengths: All lengths: (L,).
        counts: Strings by length and class: (L, C).
        placed: How many of them are taken: (L, C).
    """
    width = (counts > 0).sum(axis=1)
    strings = placed.sum(axis=1)
    is_few = (strings >= balanced_room(counts) * width) & (strings + width <= strings.max())
    few = "Few strings, all taken that keep the classes balanced: "
    return _note_few(few, lengths, strings, is_few)


def note_unmatched(
    lengths: NDArray[np.int64], found: NDArray[np.int64], negatives: str
) -> list[str]:
    """Describe at which lengths few strings or none could be matched.

    Args:
        lengths: All lengths: (L,).
        found: Pairs of each: (L,).
        negatives: How they were matched.
    """
    notes = []
    if not found.all():
        without = _list(lengths[found == 0].tolist())
        notes.append(
            f"Left out, length {without}: no string with a match (negatives: {negatives})."
        )
    is_few = (found > 0) & (found + 1 < found.max())
    few = "Few strings with a match, all taken that were found: "
    return notes + _note_few(few, lengths, 2 * found, is_few)


def explain_too_few(lengths: tuple[int, int], negatives: str, available: int, size: int) -> str:
    """Report that a task has too few strings, how many it has, and what to do.

    Args:
        lengths: The shortest and the longest.
        negatives: How the second class is drawn.
        available: Strings that could be used.
        size: Strings that are asked for.
    """
    asked = f"data.sizes: {size:,} distinct strings are asked for, but "
    found = f"{available:,} of length {lengths[0]} to {lengths[1]} "
    if negatives == "uniform":
        return (
            f"{asked}data.task has {found}that keep the classes balanced at each length; "
            "make data.sizes smaller, data.task.lengths longer or data.task.alphabet larger"
        )
    return (
        f"{asked}in data.task {found}were found that can be matched (data.task.negatives: "
        f"{negatives}); make data.sizes smaller, data.task.lengths longer, or change negatives"
    )


def _note_few(
    few: str, lengths: NDArray[np.int64], strings: NDArray[np.int64], is_few: NDArray[np.bool_]
) -> list[str]:
    if not is_few.any():
        return []
    given = zip(lengths[is_few].tolist(), strings[is_few].tolist(), strict=True)
    listed = _list(f"{number:,} of length {length}" for length, number in given)
    others = strings[~is_few & (strings > 0)].min()
    return [f"{few}{listed}; the other lengths give {others:,} or more each."]


def _list(entries: Iterable[object]) -> str:
    shown = [str(entry) for entry in entries]
    more = [f"and {len(shown) - MAX_LISTED} more"] if len(shown) > MAX_LISTED else []
    return ", ".join(shown[:MAX_LISTED] + more)
