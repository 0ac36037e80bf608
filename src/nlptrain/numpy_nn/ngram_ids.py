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
Rows = NDArray[np.int32]

FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
MIXERS = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
LAST = np.uint64(2**64 - 1)
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


def index_keys(known: Keys) -> tuple[Keys, Rows]:
    """Index the keys with a row by their leading bits.

    Args:
        known: Ascending (K,).

    Returns:
        The keys with the largest number behind them (K + 1,), and where those begin that have the
        same b leading bits: 2^b + 1 places, at least twice as many as keys, so that few share one.
    """
    bits = max(len(known) - 1, 1).bit_length() + 1
    counts = np.bincount((known >> np.uint64(64 - bits)).astype(np.int64), minlength=2**bits)
    starts = np.concatenate([[0], counts.cumsum()]).astype(np.int32)
    return np.append(known, LAST), starts


def find_rows(keys: Keys, ended: Keys, starts: Rows) -> Rows:
    """Find each key's row in the table of known n-grams; `UNKNOWN` if it has none.

    Args:
        keys: Any shape.
        ended: The known keys, and the end (K + 1,): see `index_keys`.
        starts: Where to look for a key.
    """
    bits = (len(starts) - 1).bit_length() - 1
    flat = keys.reshape(-1)
    rows = starts.take((flat >> np.uint64(64 - bits)).view(np.int64))
    # A key lies a few places behind the first one with its leading bits, if it is there at all.
    found = ended.take(rows)
    behind = np.flatnonzero(found < flat)
    while len(behind):
        rows[behind] += 1
        found[behind] = ended.take(rows[behind])
        behind = behind[found[behind] < flat[behind]]
    rows[(found != flat) | (rows == len(ended) - 1)] = UNKNOWN
    return rows.reshape(keys.shape)


def hash_rows(keys: Keys, buckets: int) -> Rows:
    """Spread keys over buckets: the upper 32 bits, times the buckets, divided by 2^32."""
    return ((keys >> np.uint64(32)) * np.uint64(buckets) >> np.uint64(32)).astype(np.int32)
