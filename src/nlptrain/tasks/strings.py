"""Strings as letters, one block per length: compared by hash, spelt all at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.automaton import Letters

Keys = NDArray[np.uint64]
"""A hash for each string: the same for equal strings, almost surely not for others: (N,)."""

NO_KEYS: Keys = np.empty(0, np.uint64)

MOST_BIN_BITS = 22
"""Bins by a key's highest bits, in which repeats are sought: 16 MB of them at most."""

STRINGS_AT_ONCE = 2**15
"""Strings built together; all at once would copy all their letters once more."""

_FACTORS = np.random.default_rng(0x5EED).integers(1, 2**64, 1001, np.uint64) | np.uint64(1)


def keys_of(letters: Letters) -> Keys:
    """Hash strings of one length, (N, T), by a random linear map of their letters and length.

    Two different strings with the same key are taken for equal; among a million strings that
    happens about once in a million samples, and costs one string.
    """
    length = letters.shape[1]
    sums: Keys = np.einsum("nt,t->n", letters, _FACTORS[:length])
    return sums + _FACTORS[-1:] * np.uint64(length)


def is_first(keys: Keys) -> NDArray[np.bool_]:
    """Mark the first string with each key: (N,)."""
    bits = min((4 * len(keys)).bit_length(), MOST_BIN_BITS)
    bins = (keys >> np.uint64(64 - bits)).view(np.int64)
    order = np.arange(len(keys), dtype=np.int32)
    holders = np.empty(1 << bits, np.int32)
    holders[bins[::-1]] = order[::-1]  # the last one written stays: the first of each bin
    holder = holders.take(bins)
    first: NDArray[np.bool_] = holder == order
    # The few that share a bin are repeats of its holder, or others, which need sorting.
    later = np.flatnonzero(~first)
    others = later[keys[later] != keys[holder[later]]]
    first[others[np.unique(keys[others], return_index=True)[1]]] = True
    return first


def is_known(keys: Keys, known: Keys) -> NDArray[np.bool_]:
    """Mark the strings whose keys are among the known ones, which ascend: (N,)."""
    if not len(known):
        return np.zeros(len(keys), bool)
    place = known.searchsorted(keys)
    found: NDArray[np.bool_] = known.take(place, mode="clip") == keys
    return found


def interleave(
    blocks: Sequence[Letters], generator: np.random.Generator
) -> NDArray[np.unsignedinteger]:
    """Return which block each string of a shuffled list comes from.

    A block's strings keep their order; if that is random, so is the list's.

    Args:
        blocks: Strings of one length each: (N₁, T₁), (N₂, T₂) …
        generator: Source of randomness.

    Returns:
        Block by position in the list: (N₁ + N₂ + …,).
    """
    order = np.repeat(np.arange(len(blocks)), list(map(len, blocks)))
    generator.shuffle(order)  # faster with eight bytes per number than with one
    return order.astype(np.min_scalar_type(len(blocks)))


def spell(
    blocks: Sequence[Letters], order: NDArray[np.unsignedinteger], alphabet: str
) -> list[str]:
    """Turn letters into strings.

    Args:
        blocks: Strings of one length each: (N₁, T₁), (N₂, T₂) …
        order: The block that each string of the list is the next one of: (N₁ + N₂ + …,).
        alphabet: The letters.
    """
    codes = np.array(list(map(ord, alphabet)), np.uint32)
    separator = next(code for code in range(len(codes) + 1) if code not in codes)
    if codes.max() < 2**8:
        codes = codes.astype(np.uint8)
    flat = np.full(sum(block.size + len(block) for block in blocks), separator, codes.dtype)
    ends = np.array([block.shape[1] + 1 for block in blocks], np.int64)[order].cumsum()
    # Letters are put in order as bytes: strings are slower to move around.
    places = np.split(ends[order.argsort(kind="stable")], np.cumsum(list(map(len, blocks))))
    for block, of_block in zip(blocks, places, strict=False):
        if len(block):
            _put(flat, of_block - (block.shape[1] + 1), _encode(block, codes))
    # Splitting at a character outside the alphabet builds strings faster than slicing.
    encoding = "latin-1" if codes.itemsize == 1 else "utf-32-le"
    texts: list[str] = []
    for part in np.split(flat, ends[STRINGS_AT_ONCE - 1 : -1 : STRINGS_AT_ONCE]):
        texts += str(part.data, encoding, "surrogatepass").split(chr(separator))
        texts.pop()  # the empty text after the last separator
    return texts


def _encode(letters: Letters, codes: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    if codes.itemsize == letters.itemsize and (codes[1:] - codes[:-1] == 1).all():
        # As for a to z: an addition takes a tenth of the time of a lookup.
        spelt: NDArray[np.unsignedinteger] = letters + codes[0]
        return spelt
    return codes[letters]


def _put(
    flat: NDArray[np.unsignedinteger],
    starts: NDArray[np.int64],
    spelt: NDArray[np.unsignedinteger],
) -> None:
    """Copy strings of one length, (N, T), to where each starts in the flat array."""
    # Each string is one value of T letters that may begin anywhere: NumPy copies whole strings.
    whole = np.dtype((np.void, spelt.shape[1] * spelt.itemsize))
    shape = (len(flat) - spelt.shape[1] + 1,)
    places: NDArray[np.void] = np.ndarray(shape, whole, flat.data, strides=(flat.itemsize,))
    places[starts] = np.ascontiguousarray(spelt).view(whole)[:, 0]
