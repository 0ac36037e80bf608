"""Distinct strings of one kind and several lengths; every set of them is equally likely."""

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.automaton import Automaton, Letters
from nlptrain.tasks.strings import NO_KEYS, Keys, is_first, is_known, keys_of

ENUMERATE_BELOW = 4
"""List all strings and choose among them if there are fewer than this many times the need."""


def draw_distinct(
    automaton: Automaton,
    kind: int,
    lengths: NDArray[np.int64],
    sizes: NDArray[np.int64],
    counts: NDArray[np.int64],
    generator: np.random.Generator,
    excluded: Keys = NO_KEYS,
) -> list[Letters]:
    """Draw distinct strings of a kind, in random order at each length.

    Args:
        automaton: Determines the kind of every string.
        kind: The kind.
        lengths: Ascending lengths: (L,).
        sizes: Number of strings of each length, no more than there are: (L,).
        counts: How many there are, without those excluded; may be too low above 4 · sizes: (L,).
        generator: Source of randomness.
        excluded: Strings that may not be drawn, as ascending keys.

    Returns:
        The strings of each length: (sizes[l], lengths[l]).
    """
    is_few = counts < ENUMERATE_BELOW * sizes
    drawn = _draw_many(automaton, kind, lengths, sizes * ~is_few, generator, excluded)
    for place in np.flatnonzero(is_few).tolist():
        listed = automaton.enumerate(int(lengths[place]), kind)
        listed = listed[~is_known(keys_of(listed), excluded)]
        drawn[place] = listed[generator.permutation(len(listed))[: sizes[place]]]
    return drawn


def _draw_many(
    automaton: Automaton,
    kind: int,
    lengths: NDArray[np.int64],
    sizes: NDArray[np.int64],
    generator: np.random.Generator,
    excluded: Keys,
) -> list[Letters]:
    """Draw, drop repeats and draw again in their place, until every length has enough."""
    blocks: list[list[Letters]] = [[] for _ in lengths]
    known: list[Keys] = [excluded for _ in lengths]
    missing = sizes.copy()
    while missing.any():
        for place, letters in enumerate(automaton.draw(lengths, missing, kind, generator)):
            if not len(letters):
                continue
            keys = keys_of(letters)
            is_new = is_first(keys) & ~is_known(keys, known[place])
            number = int(np.count_nonzero(is_new))
            blocks[place].append(letters.compress(is_new, axis=0))
            missing[place] -= number
            if missing[place]:
                known[place] = np.sort(np.concatenate([known[place], keys[is_new]]))
    return [
        found[0] if len(found) == 1 else np.concatenate([np.empty((0, length), np.uint8), *found])
        for found, length in zip(blocks, lengths.tolist(), strict=True)
    ]
