import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.text.string_column import StringColumn
from nlptrain.text.string_hash import LONG, mix_hashes

WORD = (1 << 64) - 1


def mix(word):
    """SplitMix64's output function, as its authors print it."""
    word = (word + 0x9E3779B97F4A7C15) & WORD
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & WORD
    return word ^ (word >> 31)


def test_output_function_is_that_of_splitmix64():
    # The first outputs of the generator from seed 1234567, as published with it.
    state, outputs = 1234567, []
    for _ in range(3):
        outputs.append(mix(state))
        state = (state + 0x9E3779B97F4A7C15) & WORD
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(st.lists(st.text(), max_size=20), st.integers(0, 2**32 - 1))
def test_hash_is_the_mixed_polynomial_of_the_bytes(texts, seed):
    expected = []
    for text in texts:
        polynomial = sum(
            (byte + 1) * pow(0x9E3779B97F4A7C15, place, WORD + 1)
            for place, byte in enumerate(text.encode())
        )
        expected.append(mix(mix(polynomial & WORD) ^ mix(seed * 0x9E3779B97F4A7C15 & WORD)))
    assert mix_hashes(StringColumn.of(texts), seed).tolist() == expected


def test_long_string_has_the_hash_that_it_has_in_any_process():
    long = "é" * LONG
    digest = hashlib.blake2b(long.encode(), digest_size=8).digest()
    expected = mix(mix(int.from_bytes(digest, "little")) ^ mix(0))
    hashes = mix_hashes(StringColumn.of(["a", long, "b"]), 0).tolist()
    assert hashes[1] == expected
    assert [hashes[0], hashes[2]] == mix_hashes(StringColumn.of(["a", "b"]), 0).tolist()


@pytest.mark.parametrize("seed", [0, 1])
def test_hashes_of_like_strings_are_spread_evenly(seed):
    hashes = mix_hashes(StringColumn.of([f"{number}" for number in range(20_000)]), seed)
    counts = np.bincount((hashes >> np.uint64(60)).astype(np.int64), minlength=16)
    # Chi-squared with 15 degrees of freedom: above 44.3 once in 10,000 times.
    assert ((counts - 1250) ** 2 / 1250).sum() < 44.3
    assert len(np.unique(hashes)) == 20_000
