import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.text.vocabulary import Vocabulary

TEXTS = st.lists(st.text("abcx"), min_size=1, max_size=6)


@given(TEXTS, st.data())
def test_batch_pads_each_string_to_the_longest(texts, data):
    indices = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=8))
    ids, lengths = Vocabulary("abc").encode(texts).batch(np.array(indices, np.int64))
    width = max([len(texts[index]) for index in indices], default=0) or 1
    expected = [["abcx".index(c) + 1 for c in texts[i]] for i in indices]
    assert ids.shape == (len(indices), width)
    assert ids.tolist() == [row + [0] * (width - len(row)) for row in expected]
    assert lengths.tolist() == [len(row) for row in expected]


@pytest.mark.parametrize("texts", [["", ""], ["", "", "abc"]])
def test_batch_of_empty_strings_is_one_pad_wide(texts):
    ids, lengths = Vocabulary("abc").encode(texts).batch(np.array([0, 1]))
    assert ids.tolist() == [[0], [0]]
    assert lengths.tolist() == [0, 0]


def test_batch_gives_integers_that_index_an_embedding():
    ids, lengths = Vocabulary("abc").encode(["ab"]).batch(np.array([0]))
    assert (ids.dtype, lengths.dtype) == (np.int32, np.int64)


def test_a_long_string_widens_only_its_own_batch():
    encoded = Vocabulary("abc").encode(["ab", "c" * 10_000_000, "a"])
    assert encoded.batch(np.array([0, 2]))[0].shape == (2, 2)
    assert encoded.ids.nbytes == 10_000_003
    assert encoded.batch(np.array([1]))[0].sum() == 3 * 10_000_000


def test_a_long_string_among_short_ones_is_gathered_like_any_batch():
    texts = ["ab", "c" * 1_000_000, "", "abc"]
    ids, lengths = Vocabulary("abc").encode(texts).batch(np.array([3, 1, 2, 0, 0]))
    assert (ids.shape, ids.dtype) == ((5, 1_000_000), np.int32)
    assert lengths.tolist() == [3, 1_000_000, 0, 2, 2]
    assert ids[0, :4].tolist() == [1, 2, 3, 0]
    assert ids[1].tolist() == [3] * 1_000_000
    assert not ids[[0, 2, 3, 4], 3:].any()
    assert ids[3:, :3].tolist() == [[1, 2, 0]] * 2


def test_encoded_texts_count_their_strings():
    encoded = Vocabulary("abc").encode(["ab", "", "c"])
    assert len(encoded) == 3
    assert encoded.starts.tolist() == [0, 2, 2]


def test_no_strings_encode_to_nothing():
    encoded = Vocabulary("abc").encode([])
    assert (len(encoded), encoded.ids.size, encoded.cut) == (0, 0, 0)
