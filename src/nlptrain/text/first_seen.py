"""Which rows have the same string, by hashing arrays of characters instead of Python strings."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.string_column import CHUNK_BYTES, StringColumn, index_type

_BASE = 0x9E3779B97F4A7C15
"""Odd, so that it has an inverse modulo 2⁶⁴; its bits have no pattern (2⁶⁴ / golden ratio)."""
_WORD = 1 << 64
_MARK_BITS = 18
"""Bits of a hash by which a row is marked as perhaps not alone: a table that fits in a cache."""


def find_first_rows(strings: StringColumn) -> NDArray[np.signedinteger]:
    """Find for each row the first row that has the same string: (N,).

    The rows of equal hashes are compared, so that the result is exact.
    """
    first = _find_first_hashes(hash_strings(strings))
    is_again = first != np.arange(len(first), dtype=first.dtype)
    if strings.keep(is_again) == strings.take(first[is_again]):
        return first
    return _find_one_by_one(strings)


def number_in_order(first: NDArray[np.signedinteger]) -> NDArray[np.int64]:
    """Number strings from 0, in the order in which they are first seen: (N,).

    Args:
        first: The first row of each row's string: (N,).
    """
    is_first = first == np.arange(len(first), dtype=first.dtype)
    places = is_first.cumsum(dtype=first.dtype)
    places -= 1
    numbers: NDArray[np.int64] = places[first].astype(np.int64)
    return numbers


def hash_strings(strings: StringColumn) -> NDArray[np.uint64]:
    """Compute a polynomial of each string's bytes modulo 2⁶⁴, the same on every machine: (N,).

    Of the running sum of b_i · r^i over all strings, the difference between two places, divided
    by r to the power of the first, is the polynomial of the bytes between them (Karp and Rabin,
    1987, whose rolling hash this is for words that begin anywhere).
    """
    hashes = np.empty(len(strings), np.uint64)
    row = 0
    for chunk in strings.chunks():
        if len(chunk.data) > CHUNK_BYTES:
            # One long string; this hash of Python's takes no memory.
            hashes[row] = hash(chunk.data.tobytes()) % _WORD
            row += 1
            continue
        powers, inverses = _powers(CHUNK_BYTES)
        sums = np.zeros(len(chunk.data) + 1, np.uint64)
        # No byte counts 0: else "a" would be "a" and a NUL, too.
        terms = chunk.data.astype(np.uint64)
        terms += np.uint64(1)
        terms *= powers[: len(terms)]
        np.cumsum(terms, out=sums[1:])
        begins = chunk.offsets[:-1]
        found = sums[chunk.offsets[1:]] - sums[begins]
        hashes[row : row + len(chunk)] = found * inverses[begins]
        row += len(chunk)
    return hashes


@lru_cache(maxsize=1)
def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Compute the powers 0 to `size` of the base and of its inverse: (size + 1,) each."""
    powers, inverses = (
        np.multiply.accumulate(np.append(np.uint64(1), np.full(size, base, np.uint64)))
        for base in (_BASE, pow(_BASE, -1, _WORD))
    )
    return powers, inverses


def _find_first_hashes(hashes: NDArray[np.uint64]) -> NDArray[np.signedinteger]:
    """Find for each row the first row of the same hash: (N,).

    Sorted hashes tell which occur again, so that only few rows are looked up one by one.
    """
    first = np.arange(len(hashes), dtype=index_type(len(hashes)))
    rows = np.flatnonzero(_may_be_again(hashes))
    first[rows] = rows[_look_up_first(hashes[rows])]
    return first


def _may_be_again(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Mark all rows whose hash others have, and perhaps a few that are alone: (N,)."""
    ordered = np.sort(hashes)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    marks = np.zeros(1 << _MARK_BITS, bool)
    marks[_slots(repeated, _BASE, _MARK_BITS)] = True
    return marks[_slots(hashes, _BASE, _MARK_BITS)]


def _slots(hashes: NDArray[np.uint64], factor: int, bits: int) -> NDArray[np.int64]:
    """Spread hashes over 2^bits slots: (N,)."""
    slots = hashes * np.uint64(factor)
    slots >>= np.uint64(64 - bits)
    return slots.view(np.int64)


def _look_up_first(hashes: NDArray[np.uint64]) -> NDArray[np.signedinteger]:
    """Find for each row the first row of the same hash, in a table of slots: (N,).

    In each round a slot goes to the first row that wants it; the rows of another hash that want
    it, too, try others in the next round.
    """
    size = len(hashes)
    dtype = index_type(size)
    first = np.empty(size, dtype)
    left = np.arange(size, dtype=dtype)
    table = np.empty(1 << (2 * size).bit_length(), dtype)
    factor = 1
    while len(left):
        bits = (2 * len(left)).bit_length()
        factor = factor * _BASE % _WORD
        wanted = hashes[left]
        slots = _slots(wanted, factor, bits)
        # Of several rows that want a slot, the last one written has it.
        table[slots[::-1]] = left[::-1]
        winners = table[slots]
        is_found = hashes[winners] == wanted
        first[left[is_found]] = winners[is_found]
        left = left[~is_found]
    return first


def _find_one_by_one(strings: StringColumn) -> NDArray[np.int64]:
    """Find the same where two strings have one hash."""
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(text, row) for row, text in enumerate(strings)], np.int64)
