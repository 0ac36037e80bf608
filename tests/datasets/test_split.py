import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.datasets.split import TEST, TRAIN, VALIDATION, split_by_class


def count(classes, splits):
    return np.array(
        [np.bincount(classes[splits == s], minlength=classes.max() + 1) for s in range(3)]
    )


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=8),
    st.floats(0.05, 0.45),
    st.floats(0.05, 0.45),
    st.integers(0, 3),
)
def test_every_class_has_strings_in_every_split_that_it_can_fill(sizes, validation, test, seed):
    classes = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    counts = count(classes, split_by_class(classes, validation, test, seed))
    assert (counts.sum(axis=0) == sizes).all()
    assert (counts[TRAIN] >= 1).all()
    assert (counts[:, np.array(sizes) >= 3] >= 1).all()


@given(st.lists(st.integers(20, 200), min_size=1, max_size=8))
def test_sizes_are_exact_and_each_class_within_one_string_of_its_share(sizes):
    classes = np.repeat(np.arange(len(sizes)), sizes)
    counts = count(classes, split_by_class(classes, 0.1, 0.2, 0))
    assert counts[VALIDATION].sum() == round(0.1 * sum(sizes))
    assert counts[TEST].sum() == round(0.2 * sum(sizes))
    assert (abs(counts[VALIDATION] - 0.1 * np.array(sizes)) < 1).all()
    assert (abs(counts[TEST] - 0.2 * np.array(sizes)) < 1).all()


def test_large_classes_make_up_for_what_small_ones_need():
    classes = np.repeat(np.arange(21), [97, *[3] * 20])
    counts = count(classes, split_by_class(classes, 0.2, 0.2, 0))
    assert counts[VALIDATION].tolist() == [11] + [1] * 20
    assert counts[TEST].sum() == round(0.2 * 157)


def test_same_seed_same_split_and_another_seed_another():
    classes = np.arange(200) % 2
    first, again, other = (split_by_class(classes, 0.1, 0.1, seed) for seed in (7, 7, 8))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(("validation", "test"), [(0.1, 0.0), (0.0, 0.1)])
def test_split_without_a_share_stays_empty(validation, test):
    counts = count(
        np.repeat([0, 1], 50), split_by_class(np.repeat([0, 1], 50), validation, test, 0)
    )
    assert counts.sum(axis=1).tolist() == [90, 100 * validation, 100 * test]


def test_strings_are_drawn_from_all_over_the_file():
    splits = split_by_class(np.zeros(1000, np.int64), 0.1, 0.1, 0)
    thirds = np.flatnonzero(splits == TEST) // 334
    assert (np.bincount(thirds, minlength=3) > 15).all()
