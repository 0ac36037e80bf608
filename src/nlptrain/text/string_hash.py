"""A number of 64 bits for each string, the same on every machine and in every version."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.first_seen import hash_strings
from nlptrain.text.string_column import StringColumn

Hashes = NDArray[np.uint64]
LONG = 1 << 17
"""Bytes of a string that is hashed by itself."""

_STEP = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


def mix_hashes(strings: StringColumn, seed: int) -> Hashes:
    """Hash strings so that the numbers of any set of them are spread evenly: (N,).

    The numbers are those of the bytes, in UTF-8, mixed by the finalizer of SplitMix64 (Steele, Lea
    and Flood, 2014, figure 17), once with the seed and once without. Of a string of more than
    LONG bytes the number is its BLAKE2b.

    Args:
        strings: The strings.
        seed: Another one gives other numbers.
    """
    start = np.array([(seed * _STEP) & _WORD], np.uint64)
    words = hash_strings(strings)
    for place in np.flatnonzero(strings.sizes > LONG).tolist():
        data = strings.data[strings.offsets[place] : strings.offsets[place + 1]]
        digest = hashlib.blake2b(data.tobytes(), digest_size=8).digest()
        words[place] = int.from_bytes(digest, "little")
    return _mix(_mix(words) ^ _mix(start))


def _mix(words: Hashes) -> Hashes:
    words = words + np.uint64(_STEP)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
