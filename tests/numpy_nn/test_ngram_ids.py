"""The keys and rows of n-grams, against plain Python and published numbers."""

import numpy as np
import pytest

from nlptrain.numpy_nn import ngram_ids

BEGIN = 300


def key_of(ngram):
    """Compute an n-gram's key with Python's own whole numbers."""
    state = 0xCBF29CE484222325
    for token in ngram:
        state = (state ^ token) * 0x100000001B3 % 2**64
    for mixer in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        state = (state ^ (state >> 33)) * mixer % 2**64
    return state ^ (state >> 33)


def slow_keys(tokens, size, begin):
    marked = tokens if begin is None else [begin, *tokens, begin + 1]
    grams = [marked[start : start + size] for start in range(len(marked) - size + 1)]
    return [key_of(gram) for gram in grams if begin is None or size > 1 or gram[0] < begin]


def as_arrays(strings):
    lengths = np.array([len(each) for each in strings])
    ids = np.zeros((max(1, lengths.max()), len(strings)), np.int32)
    for column, each in enumerate(strings):
        ids[: len(each), column] = each
    return ids, lengths


def test_key_begins_as_the_published_fnv_1a(monkeypatch):
    # From the authors' test vectors (RFC 9923, appendix C), before the last mixing step.
    monkeypatch.setattr(ngram_ids, "_mix", lambda state: state)
    for word, expected in ((b"a", 0xAF63DC4C8601EC8C), (b"foobar", 0x85944171F73967E8)):
        ids, lengths = as_arrays([list(word)])
        ((_, keys, _),) = ngram_ids.list_keys(ids, lengths, (len(word),), None)
        assert keys.item() == expected


def test_key_is_the_same_on_every_machine():
    ids, lengths = as_arrays([[1, 2]])
    keys = {size: keys for size, keys, _ in ngram_ids.list_keys(ids, lengths, (1, 2), None)}
    assert keys[1][:, 0].tolist() == [key_of([1]), key_of([2])]
    assert keys[2].item() == key_of([1, 2])
    assert ngram_ids.hash_rows(keys[2], 1000).item() == (key_of([1, 2]) >> 32) * 1000 // 2**32


@pytest.mark.parametrize("begin", [None, BEGIN])
def test_all_ngrams_of_a_string_and_no_others_are_listed(begin):
    generator = np.random.default_rng(0)
    strings = [generator.integers(1, 9, size).tolist() for size in (0, 1, 2, 7, 3, 0, 12)]
    for size, keys, is_whole in ngram_ids.list_keys(*as_arrays(strings), (1, 2, 4), begin):
        for column, tokens in enumerate(strings):
            found = keys[is_whole[:, column], column].tolist()
            assert found == slow_keys(tokens, size, begin)


@pytest.mark.parametrize("count", [1, 2, 3, 1000])
def test_known_keys_have_their_place_as_row_and_others_none(count):
    generator = np.random.default_rng(1)
    keys = np.unique(generator.integers(0, 2**64, count, np.uint64))
    others = generator.integers(0, 2**64, 500, np.uint64)
    asked = np.concatenate([keys[::-1], others, np.array([0, 2**64 - 1], np.uint64)])
    rows = ngram_ids.find_rows(asked, *ngram_ids.index_keys(keys))
    places = {key: row for row, key in enumerate(keys.tolist())}
    assert rows.tolist() == [places.get(key, ngram_ids.UNKNOWN) for key in asked.tolist()]


def test_keys_with_the_same_leading_bits_are_told_apart():
    keys = np.arange(5, 40, dtype=np.uint64)
    rows = ngram_ids.find_rows(np.arange(50, dtype=np.uint64), *ngram_ids.index_keys(keys))
    assert rows.tolist() == [-1] * 5 + list(range(35)) + [-1] * 10


def test_buckets_are_filled_evenly():
    ids = np.arange(1, 20_001, dtype=np.int32)[None]
    ((_, keys, _),) = ngram_ids.list_keys(ids, np.ones(20_000, np.int64), (1,), None)
    counts = np.bincount(ngram_ids.hash_rows(keys, 10)[0], minlength=10)
    # Six standard deviations of a binomial count of 20,000 at 1 / 10.
    assert len(counts) == 10
    assert np.abs(counts - 2000).max() < 6 * np.sqrt(20_000 * 0.1 * 0.9)
