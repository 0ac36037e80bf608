"""Many strings as one matrix of letters: told apart by a number each, spelt all at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.automaton import Aligned, Letters

Keys = NDArray[np.uint64]
"""A number for each string: equal strings have equal ones, others almost surely not: (N,)."""

NO_KEYS: Keys = np.empty(0, np.uint64)

_SEED = 0x5EED


def align(letters: Letters) -> Aligned:
    """Bring strings of one length, as indices into the alphabet, into aligned form."""
    return letters + letters.dtype.type(1)


def unalign(strings: Aligned) -> Letters:
    """Turn strings of one length, aligned without a pad, into indices into the alphabet."""
    return strings - strings.dtype.type(1)


def stack(parts: Sequence[Aligned]) -> Aligned:
    """Put strings below one another: (N₁, T₁), (N₂, T₂) … → (N₁ + N₂ + …, longest T)."""
    longest = max((part.shape[1] for part in parts), default=0)
    kind = parts[0].dtype if parts else np.uint8
    stacked = np.zeros((longest, sum(map(len, parts))), kind)
    first = 0
    for part in parts:
        stacked[longest - part.shape[1] :, first : first + len(part)] = part.T
        first += len(part)
    return stacked.T


def keys_of(strings: Aligned) -> Keys:
    """Number the strings: a random linear map of their letters, from the last one on.

    Two different strings with one number are taken for the same; among a million strings that
    happens about once in a million samples, and costs one string.
    """
    factors = np.random.default_rng(_SEED).integers(1, 2**64, 1000, np.uint64) | np.uint64(1)
    keys = np.zeros(len(strings), np.uint64)
    for column, factor in zip(strings.T[::-1], factors, strict=False):
        keys += column * factor
    return keys


def is_first(keys: Keys) -> NDArray[np.bool_]:
    """Mark one string of each number: (N,)."""
    order = np.argsort(keys)
    in_order = keys[order]
    first = np.ones(len(keys), bool)
    first[order[1:][in_order[1:] == in_order[:-1]]] = False
    return first


def is_known(keys: Keys, known: Keys) -> NDArray[np.bool_]:
    """Mark the strings whose numbers are among the known, rising ones: (N,)."""
    if not len(known):
        return np.zeros(len(keys), bool)
    place = known.searchsorted(keys)
    found: NDArray[np.bool_] = known.take(place, mode="clip") == keys
    return found


def spell(strings: Aligned, alphabet: str) -> list[str]:
    """Turn a matrix of letters into strings: (N, T) → N strings."""
    if not strings.size:
        return [""] * len(strings)
    codes = np.array([0, *map(ord, alphabet)], np.uint32)
    separator = next(code for code in range(len(codes)) if code not in codes[1:])
    if codes.max() < 2**8:
        codes = codes.astype(np.uint8)
    flat = np.full((len(strings), strings.shape[1] + 1), separator, codes.dtype)
    flat[:, :-1] = codes[strings]
    is_real = np.ones(flat.shape, bool)
    np.greater(strings, 0, out=is_real[:, :-1])
    # One split by a character that the alphabet lacks makes a million strings faster than slices.
    joined = flat[is_real].tobytes()[: -codes.itemsize]
    encoding = "latin-1" if codes.itemsize == 1 else "utf-32-le"
    return joined.decode(encoding, "surrogatepass").split(chr(separator))
