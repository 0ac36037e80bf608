"""Matched pairs: a string of the first class and its match in the other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.automaton import Automaton, Letters
from nlptrain.tasks.distinct import ENUMERATE_BELOW
from nlptrain.tasks.partners import Partners
from nlptrain.tasks.strings import Keys, is_first, is_known, keys_of

TRIES = 50
"""Strings tried for each pair wanted, before a length counts as exhausted."""

LEAST_TRIES = 2000

BARREN_PASSES = 3
"""Passes over all strings of a class without a new pair, before a length counts as exhausted."""

LEAST_AT_ONCE = 256

MOST_AT_ONCE = 50_000


class PairPool:
    """The pairs of one length, found on demand; no string occurs in two of them.

    Args:
        automaton: Determines the kind of every string.
        length: Characters of each string.
        kinds: The kinds of the first class that have strings of this length.
        counts: How many strings each of them has; may be too low if there are many.
        partners: Finds matches.
        excluded: Strings that may not occur in a pair, as ascending keys.
    """

    def __init__(
        self,
        automaton: Automaton,
        length: int,
        kinds: Sequence[int],
        counts: Sequence[int],
        partners: Partners,
        excluded: Keys,
    ) -> None:
        self._automaton = automaton
        self._length = length
        self._counts = dict(zip(kinds, counts, strict=True))
        self._partners = partners
        self._known = excluded
        self._listed: dict[int, Letters] = {}
        self._pairs: list[NDArray[np.unsignedinteger]] = []
        self._tries = 0
        self._barren_passes = 0
        self.size = 0

    def extend(self, size: int, generator: np.random.Generator) -> None:
        """Find pairs until there are this many, or until new ones hardly turn up."""
        most = LEAST_TRIES + TRIES * size
        at_once = size - self.size
        while self.size < size and self._tries < most and not self._is_exhausted():
            before, tried = self.size, min(MOST_AT_ONCE, max(LEAST_AT_ONCE, at_once))
            self._tries += tried
            self._add(self._draw(tried, generator), size, generator)
            if self._tries_all(tried):
                self._barren_passes = 0 if self.size > before else self._barren_passes + 1
            share = (self.size - before + 1) / (tried + 1)
            at_once = int((size - self.size) / share * 1.1)

    def pairs(self) -> NDArray[np.unsignedinteger]:
        """Return the pairs, first class first: (N, 2, T)."""
        if not self._pairs:
            return np.empty((0, 2, self._length), np.uint8)
        return np.concatenate(self._pairs)

    def _is_exhausted(self) -> bool:
        is_hopeless = self.size == 0 and self._tries >= LEAST_TRIES
        return is_hopeless or self._barren_passes >= BARREN_PASSES

    def _tries_all(self, size: int) -> bool:
        """Return whether this many strings are the whole first class."""
        listed = sum(map(len, self._listed.values()))
        return len(self._listed) == len(self._counts) and size >= listed

    def _draw(self, size: int, generator: np.random.Generator) -> Letters:
        """Draw strings of the first class, equally many of each kind."""
        kinds = generator.permutation(list(self._counts))
        parts = []
        for rank, kind in enumerate(kinds.tolist()):
            share = size // len(kinds) + (rank < size % len(kinds))
            if not share:
                continue
            if kind in self._listed or self._counts[kind] < ENUMERATE_BELOW * share:
                parts.append(self._pick(kind, share, generator))
            else:
                lengths, sizes = np.array([self._length]), np.array([share])
                parts += self._automaton.draw(lengths, sizes, kind, generator)
        return generator.permutation(np.concatenate(parts))

    def _pick(self, kind: int, size: int, generator: np.random.Generator) -> Letters:
        """Draw from a kind with few strings, without replacement."""
        if kind not in self._listed:
            self._listed[kind] = self._automaton.enumerate(self._length, kind)
        listed = self._listed[kind]
        is_free = ~is_known(keys_of(listed), self._known)
        self._listed[kind] = listed = listed[is_free]
        return listed[generator.permutation(len(listed))[:size]]

    def _add(self, letters: Letters, size: int, generator: np.random.Generator) -> None:
        """Match strings, and keep the pairs in which both are new."""
        own_keys = keys_of(letters)
        is_new = is_first(own_keys) & ~is_known(own_keys, self._known)
        letters, own_keys = letters[is_new], own_keys[is_new]
        found, is_found = self._partners.find(letters, generator)
        letters, found, own_keys = letters[is_found], found[is_found], own_keys[is_found]
        keys = keys_of(found)
        is_new = is_first(keys) & ~is_known(keys, self._known)
        kept = np.flatnonzero(is_new)[: size - self.size]
        self._known = np.sort(np.concatenate([self._known, own_keys[kept], keys[kept]]))
        self._pairs.append(np.stack([letters[kept], found[kept]], axis=1))
        self.size += len(kept)


def find_pairs(
    pools: Sequence[PairPool], size: int, room: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Find pairs, spread over the lengths as evenly as they allow.

    Args:
        pools: The pairs of each length.
        size: Number of pairs in all.
        room: Most pairs of each length: (L,).
        generator: Source of randomness.

    Returns:
        Pairs found at each length: (L,); their sum may be below the size.
    """
    room = room.copy()
    while True:
        level = fill_evenly(room, size)
        for pool, wanted in zip(pools, level.tolist(), strict=True):
            pool.extend(wanted, generator)
        found = np.array([pool.size for pool in pools])
        if (found >= level).all():
            return found
        room = np.where(found < level, found, room)


def fill_evenly(room: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Fill lengths to one common level, as far as each has room, to reach the size if possible."""
    low, high = 0, max(1, size)
    while low < high:
        level = (low + high) // 2
        if np.minimum(room, level).sum() >= size:
            high = level
        else:
            low = level + 1
    return np.minimum(room, low)


def split_pairs(
    pools: Sequence[PairPool], quotas: NDArray[np.int64], generator: np.random.Generator
) -> list[list[tuple[Letters, int]]]:
    """Distribute whole pairs among the splits.

    Args:
        pools: The pairs of each length.
        quotas: Pairs by split and length: (splits, L).
        generator: Source of randomness.

    Returns:
        The blocks of strings of each split, with the class of each block.
    """
    splits: list[list[tuple[Letters, int]]] = [[] for _ in quotas]
    for place, pool in enumerate(pools):
        pairs = generator.permutation(pool.pairs())
        for split, dealt in zip(splits, np.split(pairs, quotas[:, place].cumsum()), strict=False):
            # The second class is shuffled separately, so the order does not reveal the matches.
            split += [(dealt[:, 0], 1), (generator.permutation(dealt[:, 1]), 0)]
    return splits
