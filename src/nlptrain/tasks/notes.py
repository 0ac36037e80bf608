"""What the user should know about a sample: lengths left out, lengths with few strings."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import DataError
from nlptrain.tasks.quotas import Counts, balanced_room

MAX_LISTED = 10
"""Lengths that a note lists individually."""


def note_left_out(
    lengths: NDArray[np.int64], possible: NDArray[np.bool_], labels: Sequence[str]
) -> list[str]:
    """Describe which lengths are left out, and why.

    Args:
        lengths: The lengths left out: (L,).
        possible: Which classes each has: (L, C).
        labels: Names of the classes.
    """
    reasons: dict[str, list[int]] = {}
    for length, classes in zip(lengths.tolist(), possible, strict=True):
        only = [f"every string is {labels[index]!r}" for index in np.flatnonzero(classes).tolist()]
        reasons.setdefault(only[0] if only else "no string has a class", []).append(length)
    return [f"Left out, length {_list(found)}: {reason}." for reason, found in reasons.items()]


def note_few(lengths: NDArray[np.int64], counts: Counts, placed: Counts) -> list[str]:
    """Describe which lengths have too few strings for an even share, and how many the others have.

    Args:
        lengths: All lengths: (L,).
        counts: Strings by length and class: (L, C).
        placed: How many of them are used: (L, C).
    """
    width = (counts > 0).sum(axis=1)
    strings = placed.sum(axis=1)
    is_few = (strings >= balanced_room(counts) * width) & (strings + width <= strings.max())
    few = "Few strings, using all that keep the classes balanced: "
    return _note_few(few, lengths, strings, is_few)


def note_unmatched(
    lengths: NDArray[np.int64], found: NDArray[np.int64], negatives: str
) -> list[str]:
    """Describe at which lengths few or no strings could be matched.

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
    few = "Few strings with a match, using all that were found: "
    return notes + _note_few(few, lengths, 2 * found, is_few)


def check_enough(lengths: tuple[int, int], negatives: str, available: int, size: int) -> None:
    """Refuse sizes for which a task has too few strings.

    Raises:
        DataError: It has too few.
    """
    if available >= size:
        return
    requested = f"data.sizes: {size:,} distinct strings requested, but data.task has only "
    found = f"{available:,} of length {lengths[0]} to {lengths[1]} "
    if negatives == "uniform":
        raise DataError(
            f"{requested}{found}that keep the classes balanced at each length; use smaller "
            "data.sizes, longer data.task.lengths or a larger data.task.alphabet"
        )
    raise DataError(
        f"{requested}{found}for which a match was found (data.task.negatives: {negatives}); use "
        "smaller data.sizes, longer data.task.lengths or other negatives"
    )


def _note_few(
    few: str, lengths: NDArray[np.int64], strings: NDArray[np.int64], is_few: NDArray[np.bool_]
) -> list[str]:
    if not is_few.any():
        return []
    given = zip(lengths[is_few].tolist(), strings[is_few].tolist(), strict=True)
    listed = _list(f"{number:,} of length {length}" for length, number in given)
    others = strings[~is_few & (strings > 0)].min()
    return [f"{few}{listed}; the other lengths have {others:,} or more each."]


def _list(entries: Iterable[object]) -> str:
    shown = [str(entry) for entry in entries]
    more = [f"and {len(shown) - MAX_LISTED} more"] if len(shown) > MAX_LISTED else []
    return ", ".join(shown[:MAX_LISTED] + more)
