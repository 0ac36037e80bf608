import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nlptrain.tasks.quotas import (
    balanced_room,
    count_available,
    count_by_class,
    share_out,
    spread,
)


@st.composite
def plans(draw):
    """Draw counts by length and class, and sizes for which the rounds suffice, often just."""
    num_classes = draw(st.integers(2, 4))
    row = st.lists(st.integers(0, 12), min_size=num_classes, max_size=num_classes)
    has_two_classes = row.filter(lambda counts: sum(count > 0 for count in counts) > 1)
    counts = np.array(draw(st.lists(has_two_classes, min_size=1, max_size=5)))
    total = int((balanced_room(counts) * (counts > 0).sum(axis=1)).sum())
    asked = draw(st.just(total) | st.integers(1, total))
    cuts = sorted(draw(st.lists(st.integers(1, asked), max_size=2)))
    sizes = np.diff([0, *cuts, asked]).tolist()
    assume(min(sizes) > 0)
    return counts, sizes


@given(plans(), st.integers(0, 100))
def test_shares_have_the_sizes_and_never_exceed_the_counts(plan, seed):
    counts, sizes = plan
    quotas = share_out(counts, sizes, np.random.default_rng(seed))
    assert quotas.sum(axis=(1, 2)).tolist() == sizes
    assert (quotas.sum(axis=0) <= counts).all()
    assert (quotas >= 0).all()


@given(plans(), st.integers(0, 100))
def test_classes_of_a_length_differ_by_less_than_a_round_in_all(plan, seed):
    counts, sizes = plan
    quotas = share_out(counts, sizes, np.random.default_rng(seed))
    for split in quotas:
        gaps = [np.ptp(found[possible]) for found, possible in zip(split, counts > 0, strict=True)]
        assert max(gaps) <= 1
        assert sum(gap > 0 for gap in gaps) < counts.shape[1]


@pytest.mark.parametrize("num_classes", [2, 3])
def test_classes_are_exactly_balanced_where_the_sizes_allow(num_classes):
    counts = np.full((7, num_classes), 10**6)
    quotas = share_out(counts, [6000, 600, 66], np.random.default_rng(0))
    assert (np.ptp(quotas, axis=2) == 0).all()
    assert (np.ptp(quotas.sum(axis=2), axis=1) <= num_classes).all()


def test_a_short_length_is_shared_in_proportion_and_the_others_give_more():
    counts = np.array([[9, 100], [10**6, 10**6], [10**6, 10**6]])
    train, validation, test = share_out(counts, [800, 100, 100], np.random.default_rng(0))
    assert train.sum(axis=1).tolist() == [16, 392, 392]
    assert validation[0].sum() + test[0].sum() == 2
    assert np.ptp(validation[1:].sum(axis=1)) <= 2


def test_odd_sizes_pair_up_on_the_lengths_that_others_broke():
    counts = np.ones((7, 2), int)
    for seed in range(50):
        quotas = share_out(counts, [5, 5, 4], np.random.default_rng(seed))
        unbalanced = (np.ptp(quotas, axis=2) > 0).sum(axis=1)
        assert unbalanced.tolist() == [1, 1, 0]


def test_ties_are_broken_by_the_generator():
    counts = np.full((10, 2), 1000)
    shares = [share_out(counts, [13], np.random.default_rng(seed)).tolist() for seed in range(5)]
    assert len({str(share) for share in shares}) > 1


def test_balanced_room_is_the_rarest_possible_class():
    assert balanced_room(np.array([[3, 7, 0], [2, 2, 9]])).tolist() == [3, 2]


def test_a_class_of_several_kinds_has_as_many_strings_as_keep_them_even():
    counts = np.array([[3, 7, 5], [0, 2, 9], [4, 0, 0]])
    by_class = count_by_class(counts, np.array([0, 1, 0]))
    assert by_class.tolist() == [[6, 7], [9, 2], [4, 0]]
    assert count_available(by_class) == 2 * 6 + 2 * 2 + 4


@given(
    st.lists(st.tuples(st.integers(0, 30), st.sets(st.integers(0, 3), min_size=1)), min_size=1),
    st.integers(0, 99),
)
def test_strings_are_spread_evenly_over_possible_kinds(lengths, seed):
    sizes = np.array([size for size, _ in lengths])
    possible = np.array([[kind in kinds for kind in range(4)] for _, kinds in lengths])
    shares = spread(sizes, possible, np.random.default_rng(seed))
    assert (shares.sum(axis=1) == sizes).all()
    assert not shares[~possible].any()
    for share, kinds in zip(shares, possible, strict=True):
        assert np.ptp(share[kinds]) <= 1
