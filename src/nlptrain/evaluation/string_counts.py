"""The input of shallow models: a string's length, letters or n-grams, as counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.string_column import measure_lengths

MOST_COLUMNS = 1 << 14
"""Columns kept: those that occur in the most training strings."""
MOST_LENGTHS = 64
"""Most columns for lengths; if there are more lengths, neighbours share one."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StringCounts:
    """A sparse matrix of counts, one row per string.

    Attributes:
        rows: The string of each entry, ascending: (M,).
        columns: What was counted: (M,).
        values: The counts: (M,).
        shape: N strings, K columns.
    """

    rows: Integers
    columns: Integers
    values: NDArray[np.float64]
    shape: tuple[int, int]


Counter = Callable[[Sequence[str], Sequence[str]], tuple[StringCounts, StringCounts]]
"""Training strings, other strings → the counts of both, with columns from the training strings."""


def count_lengths(train: Sequence[str], others: Sequence[str]) -> tuple[StringCounts, StringCounts]:
    """Count 1 in the column of each string's length, or of the nearest one below in training."""
    lengths = measure_lengths(train)
    edges = np.unique(lengths)
    if len(edges) > MOST_LENGTHS:
        edges = np.unique(np.quantile(lengths, np.linspace(0, 1, MOST_LENGTHS), method="nearest"))
    return _one_column(lengths, edges), _one_column(measure_lengths(others), edges)


def count_grams(
    train: Sequence[str],
    others: Sequence[str],
    *,
    sizes: Sequence[int],
    once: bool = False,
    most: int = MOST_COLUMNS,
) -> tuple[StringCounts, StringCounts]:
    """Count n-grams of characters; for n ≥ 2, the ends of a string count as characters.

    Args:
        train: The strings whose n-grams become columns.
        others: More strings, counted with the same columns.
        sizes: Each n, at most 3.
        once: Whether to count an n-gram at most once per string.
        most: Most columns.
    """
    alphabet = np.unique(_code_points(train))
    found = [_list_grams(texts, alphabet, sizes) for texts in (train, others)]
    rows, grams, counts = _add_up(*found[0])
    known, strings = np.unique(grams, return_counts=True)
    if len(known) > most:
        known = np.sort(known[np.argsort(-strings, kind="stable")[:most]])
    sides = ((rows, grams, counts, len(train)), (*_add_up(*found[1]), len(others)))
    trained, other = (_keep_known(*side, known, once=once) for side in sides)
    return trained, other


FEATURES: dict[str, Counter] = {
    "length": count_lengths,
    "letter set": partial(count_grams, sizes=(1,), once=True),
    "letter counts": partial(count_grams, sizes=(1,)),
    "bigrams": partial(count_grams, sizes=(2,)),
}
"""The inputs of shallow models, by name; apart from length, each adds to the previous one."""


def _code_points(texts: Sequence[str]) -> NDArray[np.uint32]:
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")


def _one_column(lengths: Integers, edges: Integers) -> StringCounts:
    """Assign each string to the column of the last edge that its length reaches."""
    columns = np.clip(np.searchsorted(edges, lengths, side="right") - 1, 0, None)
    rows = np.arange(len(lengths))
    return StringCounts(rows, columns, np.ones(len(rows)), (len(rows), len(edges)))


def _list_grams(
    texts: Sequence[str], alphabet: NDArray[np.uint32], sizes: Sequence[int]
) -> tuple[Integers, Integers]:
    """Number every n-gram of every string: strings and numbers, (M,) each.

    A number encodes n and the characters' ranks; rank 1 is a string's end, 0 a character not seen
    in training, whose n-grams are left out.
    """
    lengths = measure_lengths(texts)
    ends = np.cumsum(lengths + 2)
    owners = np.repeat(np.arange(len(texts)), lengths + 2)
    ranks = np.ones(len(owners), np.int64)
    is_inside = np.ones(len(owners), bool)
    is_inside[ends - 1] = is_inside[ends - lengths - 2] = False
    ranks[is_inside] = _rank(_code_points(texts), alphabet)
    base = len(alphabet) + 2
    rows, grams = [], []
    for size in sizes:
        last = len(ranks) - size + 1
        parts = [ranks[shift : last + shift] for shift in range(size)]
        gram = sum(part * base**place for place, part in enumerate(parts)) * 4 + size
        is_known = np.all([part > 0 for part in parts], axis=0)
        is_known &= owners[:last] == owners[size - 1 :]
        is_known &= is_inside[:last] if size == 1 else True
        rows.append(owners[:last][is_known])
        grams.append(gram[is_known])
    return np.concatenate(rows), np.concatenate(grams)


def _rank(codes: NDArray[np.uint32], alphabet: NDArray[np.uint32]) -> Integers:
    """Number characters from 2 by their index in the alphabet; 0 if not in it."""
    if not len(alphabet):
        return np.zeros(len(codes), np.int64)
    places = np.minimum(np.searchsorted(alphabet, codes), len(alphabet) - 1)
    return np.where(alphabet[places] == codes, places + 2, 0)


def _add_up(rows: Integers, grams: Integers) -> tuple[Integers, Integers, Integers]:
    """Count how often each n-gram occurs in each string, sorted by string."""
    order = np.lexsort((grams, rows))
    rows, grams = rows[order], grams[order]
    is_new = np.ones(len(rows), bool)
    is_new[1:] = (rows[1:] != rows[:-1]) | (grams[1:] != grams[:-1])
    starts = np.flatnonzero(is_new)
    return rows[starts], grams[starts], np.diff(np.append(starts, len(rows)))


def _keep_known(
    rows: Integers, grams: Integers, counts: Integers, strings: int, known: Integers, *, once: bool
) -> StringCounts:
    """Map n-grams to columns, leaving out those without one."""
    columns = np.searchsorted(known, grams)
    is_known = columns < len(known)
    is_known[is_known] = known[columns[is_known]] == grams[is_known]
    values = np.ones(int(is_known.sum())) if once else counts[is_known].astype(np.float64)
    return StringCounts(rows[is_known], columns[is_known], values, (strings, len(known)))
