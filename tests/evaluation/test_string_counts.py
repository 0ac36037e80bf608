from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from nlptrain.evaluation.string_counts import FEATURES, count_grams, count_lengths

TEXTS = st.lists(st.text("abé😀\0 ", max_size=6), min_size=1, max_size=8)
ENDS = "\ue000"


def dense(counts):
    table = np.zeros(counts.shape)
    table[counts.rows, counts.columns] = counts.values
    return table


def reference(train, others, sizes):
    """Count as scikit-learn does, with a private character for a string's ends."""

    def grams(text):
        framed = f"{ENDS}{text}{ENDS}"
        found = [framed[at : at + n] for n in sizes for at in range(len(framed) - n + 1)]
        return [gram for gram in found if gram != ENDS]

    vectorizer = CountVectorizer(analyzer=grams)
    return [vectorizer.fit_transform(train).toarray(), vectorizer.transform(others).toarray()]


def sorted_columns(tables):
    """Line columns up, whatever their order: training's counts and the others' below them."""
    stacked = np.concatenate(tables)
    return stacked[:, np.lexsort(stacked)].tolist()


@pytest.mark.parametrize("sizes", [(1,), (2,), (1, 2, 3)])
@given(train=TEXTS, others=TEXTS)
def test_counts_equal_scikit_learns(sizes, train, others):
    if not any(train):
        return
    tables = [dense(counts) for counts in count_grams(train, others, sizes=sizes)]
    assert sorted_columns(tables) == sorted_columns(reference(train, others, sizes))


def test_once_means_once():
    for counts in count_grams(["aab", "ba"], ["bbb"], sizes=(1,), once=True):
        assert set(counts.values) == {1.0}


def test_the_columns_of_most_strings_are_kept():
    train, other = count_grams(["ab", "ac", "ad", "bbbbbb"], ["ab"], sizes=(1,), most=2)
    assert dense(train).tolist() == [[1, 1], [1, 0], [1, 0], [0, 6]]
    assert dense(other).tolist() == [[1, 1]]


def test_each_length_has_a_column_and_a_new_one_the_next_shorter():
    train, others = count_lengths(["a", "aaa", "aaa", "aaaaa"], ["", "aa", "aaa", "a" * 9])
    assert dense(train).argmax(axis=1).tolist() == [0, 1, 1, 2]
    assert dense(others).argmax(axis=1).tolist() == [0, 0, 1, 2]


def test_many_lengths_share_columns_in_order():
    texts = ["a" * length for length in range(1000)]
    train, _ = count_lengths(texts, texts)
    columns = dense(train).argmax(axis=1)
    assert train.shape[1] <= 64
    assert all(first <= second for first, second in pairwise(columns))


@pytest.mark.parametrize("name", FEATURES)
def test_empty_strings_are_counted_too(name):
    train, others = FEATURES[name](["", "a"], ["", "", "b"])
    assert (train.shape[0], others.shape[0]) == (2, 3)
