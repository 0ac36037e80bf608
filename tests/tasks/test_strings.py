import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.tasks.strings import NO_KEYS, interleave, is_first, is_known, keys_of, spell

ALPHABETS = [
    "abc",
    "\0ab",
    "a\0",
    "你\u0301z",
    "\0\U0001f600",
    "é\n\x01",
    "".join(map(chr, range(300))),
]
SIZES = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 12)), max_size=6)


@given(st.sampled_from(ALPHABETS), SIZES, st.integers(0, 99))
def test_spelling_is_that_of_python_in_a_shuffled_order(alphabet, sizes, seed):
    generator = np.random.default_rng(seed)
    blocks = [generator.integers(0, len(alphabet), size).astype(np.uint16) for size in sizes]
    order = interleave(blocks, generator)
    rows = [iter(block.tolist()) for block in blocks]
    expected = ["".join(alphabet[place] for place in next(rows[block])) for block in order]
    assert spell(blocks, order, alphabet) == expected
    assert all(next(left, None) is None for left in rows)


def test_every_order_of_two_blocks_is_equally_likely():
    blocks = [np.zeros((2, 3), np.uint8), np.zeros((2, 5), np.uint8)]
    generator = np.random.default_rng(0)
    orders = [tuple(interleave(blocks, generator).tolist()) for _ in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert min(counts) > 850


@given(st.integers(1, 4), st.integers(1, 6))
def test_different_strings_have_different_keys(letters, length):
    rows = np.stack(np.meshgrid(*[np.arange(letters)] * length), -1).reshape(-1, length)
    assert len(np.unique(keys_of(rows.astype(np.uint8)))) == letters**length


def test_keys_tell_lengths_apart_and_do_not_depend_on_the_letters_type():
    zeros = [keys_of(np.zeros((1, length), np.uint8))[0] for length in range(1, 1001, 9)]
    assert len(set(zeros)) == 112
    rows = np.random.default_rng(0).integers(0, 200, (50, 40))
    np.testing.assert_array_equal(keys_of(rows.astype(np.uint8)), keys_of(rows.astype(np.uint16)))


@given(st.lists(st.integers(0, 3) | st.integers(2**64 - 4, 2**64 - 1), max_size=40))
def test_the_first_string_of_each_key_is_marked(keys):
    expected = [key not in keys[:place] for place, key in enumerate(keys)]
    assert is_first(np.array(keys, np.uint64)).tolist() == expected


def test_the_first_of_many_keys_is_marked():
    keys = np.random.default_rng(0).integers(0, 2**64, 20_000, np.uint64).repeat(2)
    np.random.default_rng(1).shuffle(keys)
    found = np.flatnonzero(is_first(keys))
    np.testing.assert_array_equal(found, np.sort(np.unique(keys, return_index=True)[1]))


def test_known_strings_are_marked():
    keys, known = np.array([9, 1, 5, 7], np.uint64), np.array([1, 5, 6], np.uint64)
    assert is_known(keys, known).tolist() == [False, True, True, False]
    assert not is_known(keys, NO_KEYS).any()
