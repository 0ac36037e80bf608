"""Distinct strings of one kind and several lengths, each set of them equally likely."""

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.automaton import Aligned, Automaton
from nlptrain.tasks.strings import NO_KEYS, Keys, align, is_first, is_known, keys_of, stack

ENUMERATE_BELOW = 4
"""List all strings and pick, where there are fewer than so many times the need."""


def draw_distinct(
    automaton: Automaton,
    kind: int,
    lengths: NDArray[np.int64],
    sizes: NDArray[np.int64],
    counts: NDArray[np.int64],
    generator: np.random.Generator,
    excluded: Keys = NO_KEYS,
) -> Aligned:
    """Draw distinct strings of a kind, length after length, in random order at each length.

    Args:
        automaton: Tells the kind of every string.
        kind: The kind.
        lengths: Rising lengths: (L,).
        sizes: How many strings of each length, no more than there are: (L,).
        counts: How many there are, those excluded left out; may be too low from 4 sizes on: (L,).
        generator: Decides which.
        excluded: Strings that may not be drawn, as rising keys.
    """
    is_few = counts < ENUMERATE_BELOW * sizes
    parts = []
    for length, size in zip(lengths[is_few].tolist(), sizes[is_few].tolist(), strict=True):
        listed = align(automaton.enumerate(length, kind))
        listed = listed[~is_known(keys_of(listed), excluded)]
        parts.append(listed[generator.permutation(len(listed))[:size]])
    is_many = ~is_few & (sizes > 0)
    if is_many.any():
        parts += _draw_many(automaton, kind, lengths[is_many], sizes[is_many], generator, excluded)
    if not parts:
        return np.empty((0, 0), np.uint8)
    return sort_by_length(parts)


def sort_by_length(parts: list[Aligned]) -> Aligned:
    """Put strings below one another, the shortest first, else in their order."""
    strings = stack(parts)
    lengths = np.concatenate([np.count_nonzero(part, axis=1) for part in parts])
    return strings[np.argsort(lengths, kind="stable")]


def _draw_many(
    automaton: Automaton,
    kind: int,
    lengths: NDArray[np.int64],
    sizes: NDArray[np.int64],
    generator: np.random.Generator,
    excluded: Keys,
) -> list[Aligned]:
    """Draw, drop repeats, and draw for them again, until all lengths have their number."""
    parts: list[Aligned] = []
    known = excluded
    missing = sizes
    while missing.any():
        strings = automaton.draw(np.repeat(lengths, missing)[::-1], kind, generator)
        keys = keys_of(strings)
        is_new = is_first(keys) & ~is_known(keys, known)
        known = np.sort(np.concatenate([known, keys[is_new]]))
        drawn = np.repeat(np.arange(len(missing)), missing)[::-1]
        if not is_new.all():
            strings = strings[is_new]
        parts.append(strings)
        missing = missing - np.bincount(drawn[is_new], minlength=len(missing))
    return parts
