"""How many strings each split gets, by length and class: classes balanced, lengths equal."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def balanced_room(counts: Counts) -> Counts:
    """Count the rounds that each length has room for; a round is one string of each class there.

    Args:
        counts: Distinct strings by length and class: (L, C).

    Returns:
        Rounds by length: (L,).
    """
    rounds: Counts = counts.min(axis=1, where=counts > 0, initial=counts.max(initial=0))
    return rounds


def count_by_class(counts: Counts, class_of: NDArray[np.int64]) -> Counts:
    """Count the strings that each class has while its kinds are equally frequent.

    Args:
        counts: Distinct strings by length and kind: (L, K).
        class_of: The class of each kind: (K,).

    Returns:
        Strings by length and class: (L, C).
    """
    by_class = np.zeros((len(counts), int(class_of.max()) + 1), np.int64)
    for class_index in range(by_class.shape[1]):
        of_class = counts[:, class_of == class_index]
        by_class[:, class_index] = balanced_room(of_class) * np.count_nonzero(of_class, axis=1)
    return by_class


def count_available(counts: Counts) -> int:
    """Count the strings that keep the classes balanced at each length: (L, C) → one number."""
    return int((balanced_room(counts) * np.count_nonzero(counts, axis=1)).sum())


def share_out(counts: Counts, sizes: Sequence[int], generator: np.random.Generator) -> Counts:
    """Distribute the strings among the splits.

    In each split, every possible class of a length gets the same number of strings; if that does
    not divide the size, the remainder goes to some classes as one more string.

    Args:
        counts: Distinct strings by length and class; enough rounds for all sizes: (L, C).
        sizes: Strings of each split.
        generator: Breaks ties.

    Returns:
        Strings by split, length and class: (splits, L, C).
    """
    possible = counts > 0
    room = np.minimum(counts, sum(sizes))
    needed = sum(sizes)
    quotas = np.zeros((len(sizes), *counts.shape), np.int64)
    # The largest split first: if a length has only one round, that split should get it.
    for split in np.argsort(-np.array(sizes), kind="stable"):
        size = sizes[split]
        rounds_room = room.min(axis=1, where=possible, initial=needed)
        share = -(-rounds_room * size // needed)
        rounds = _even_rounds(size, share, possible.sum(axis=1), generator)
        quota = rounds[:, None] * possible
        quotas[split] = quota + _remainder(
            size - int(quota.sum()), room - quota, possible, generator
        )
        room -= quotas[split]
        needed -= size
    return quotas


def _even_rounds(size: int, room: Counts, width: Counts, generator: np.random.Generator) -> Counts:
    """Fill the lengths with rounds to one common level, as far as each has room.

    At most `size` strings are placed, in rounds of `width` strings (L,), with room for `room`
    rounds (L,). The generator decides which lengths get one round more than others.
    """
    level, above = 0, size + 1
    while above - level > 1:
        middle = (level + above) // 2
        fits = (np.minimum(room, middle // width) * width).sum() <= size
        level, above = (middle, above) if fits else (level, middle)
    rounds = np.minimum(room, level // width)
    left = size - int((rounds * width).sum())
    order = generator.permutation(len(room))
    for length in order[np.argsort((rounds * width)[order], kind="stable")]:
        if rounds[length] < room[length] and width[length] <= left:
            rounds[length] += 1
            left -= int(width[length])
    return rounds


def _remainder(
    size: int, room: Counts, possible: NDArray[np.bool_], generator: np.random.Generator
) -> Counts:
    """Place less than a round, first at lengths without a whole round left: (L, C)."""
    placed = np.zeros_like(room)
    length, class_index = generator.permutation(np.argwhere(room > 0)).T
    is_whole = room.min(axis=1, where=possible, initial=size) > 0
    rank = generator.permutation(len(room))
    order = np.lexsort((-room[length, class_index], rank[length], is_whole[length]))[:size]
    placed[length[order], class_index[order]] = 1
    return placed


def spread(
    sizes: NDArray[np.int64], possible: NDArray[np.bool_], generator: np.random.Generator
) -> Counts:
    """Spread each length's strings of a class over its kinds, as evenly as whole numbers allow.

    Args:
        sizes: Strings of each length: (L,).
        possible: Which kinds each length has: (L, K).
        generator: Chooses the kinds that get one string more.

    Returns:
        Strings by length and kind: (L, K).
    """
    width = np.maximum(possible.sum(axis=1), 1)
    rank = np.where(possible, generator.random(possible.shape), 2).argsort(axis=1).argsort(axis=1)
    whole, left = sizes // width, sizes % width
    shares: Counts = np.where(possible, whole[:, None] + (rank < left[:, None]), 0)
    return shares
