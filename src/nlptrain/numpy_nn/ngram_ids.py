"""Which n-grams a string has, as rows of a table: arrays all the way, never a string in Python.

An n-gram is n token ids in a row. Its key is a 64-bit number that depends on nothing but them:
FNV-1a (Fowler, Noll and Vo 1991) over whole ids in place of bytes, then the last mixing step of
MurmurHash3 (Appleby 2011), without which its upper bits would be far from uniform. Two different
n-grams of the 200,000 in a table share a key with a probability of 1e-9.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import Ids, Lengths

Keys = NDArray[np.uint64]

FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
MIXERS = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
UNKNOWN = -1
"""The row of an n-gram that has none."""


def add_marks(ids: Ids, lengths: Lengths, begin: int) -> tuple[Ids, Lengths]:
    """Put a mark before each string and another behind it.

    Args:
        ids: Token ids (T, B); behind a string's end anything.
        lengths: Characters of each string (B,).
        begin: The id of the mark before; that of the mark behind is one more.

    Returns:
        Token ids (T + 2, B), and lengths (B,).
    """
    marked = np.empty((len(ids) + 2, len(lengths)), ids.dtype)
    marked[0], marked[1:-1], marked[-1] = begin, ids, 0
    marked[lengths + 1, np.arange(len(lengths))] = begin + 1
    return marked, lengths + 2


def list_keys(
    ids: Ids, lengths: Lengths, sizes: Sequence[int], begin: int | None
) -> Iterator[tuple[int, Keys, NDArray[np.bool_]]]:
    """Compute the key of every n-gram, one size after the other.

    Args:
        ids: Token ids (T, B).
        lengths: Characters of each string (B,).
        sizes: Each n, ascending.
        begin: The id of the mark before a string, as in `add_marks`; None for no marks. A mark
            alone is no n-gram.

    Yields:
        n; the keys (T − n + 1, B), by where the n-gram begins, with T as long as the marks make
        it; and which of them are wholly inside of their string.
    """
    if begin is not None:
        ids, lengths = add_marks(ids, lengths, begin)
    words = ids.astype(np.uint64)
    state = np.full_like(words, FNV_OFFSET)
    starts = np.arange(len(words))[:, None]
    for size in range(1, min(sizes[-1], len(words)) + 1):
        state = state[: len(words) - size + 1] ^ words[size - 1 :]
        state *= np.uint64(FNV_PRIME)
        if size in sizes:
            is_whole = starts[: len(state)] + size <= lengths
            if size == 1 and begin is not None:
                is_whole = (starts > 0) & (starts < lengths - 1)
            yield size, _mix(state), is_whole


def _mix(state: Keys) -> Keys:
    keys = state ^ (state >> np.uint64(33))
    for mixer in MIXERS:
        keys *= np.uint64(mixer)
        keys ^= keys >> np.uint64(33)
    return keys


def find_rows(keys: Keys, known: Keys, starts: NDArray[np.int32]) -> NDArray[np.int64]:
    """Find each key's row in the table of known n-grams; `UNKNOWN` if it has none.

    Args:
        keys: Any shape.
        known: The keys with a row, ascending (K,).
        starts: `index_keys(known)`: 2^b + 1 places, for the first b bits.
    """
    bits = (len(starts) - 1).bit_length() - 1
    flat = keys.reshape(-1)
    rows = starts.take(flat >> np.uint64(64 - bits)).astype(np.int64)
    # A key lies a few places behind the first one with its leading bits, if it is there at all.
    found = known.take(rows, mode="clip")
    behind = np.flatnonzero((found < flat) & (rows < len(known)))
    while len(behind):
        rows[behind] += 1
        found[behind] = known.take(rows[behind], mode="clip")
        behind = behind[(found[behind] < flat[behind]) & (rows[behind] < len(known))]
    rows[found != flat] = UNKNOWN
    return rows.reshape(keys.shape)


def index_keys(known: Keys) -> NDArray[np.int32]:
    """Find where the keys begin that have the same leading bits, at most one each on average.

    Args:
        known: Ascending (K,).

    Returns:
        2^b + 1 places for the smallest 2^b ≥ K, at least 2.
    """
    bits = max(len(known) - 1, 1).bit_length()
    counts = np.bincount((known >> np.uint64(64 - bits)).astype(np.int64), minlength=2**bits)
    return np.concatenate([[0], counts.cumsum()]).astype(np.int32)


def hash_rows(keys: Keys, buckets: int) -> NDArray[np.int64]:
    """Spread keys over buckets: the upper 32 bits, times the buckets, divided by 2^32."""
    return ((keys >> np.uint64(32)) * np.uint64(buckets) >> np.uint64(32)).astype(np.int64)
