import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.datasets.batches import (
    MAX_CHARACTERS,
    draw_order,
    epoch_batches,
    ordered_batches,
)

LENGTHS = st.lists(st.integers(0, 20), max_size=200).map(lambda values: np.array(values, int))


def pad_share(lengths, batches):
    padded = sum(lengths[batch].max() * len(batch) for batch in batches)
    return 1 - lengths.sum() / padded


@pytest.mark.parametrize("number", [0, 1, 2, 1000])
def test_an_order_of_32_bits_is_the_permutation(number):
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    assert np.array_equal(draw_order(number, one), other.permutation(number))
    assert one.random() == other.random()


@given(LENGTHS, st.integers(1, 30), st.integers(0, 3))
def test_epoch_batches_hold_every_string_once(lengths, batch_size, epoch):
    batches = epoch_batches(lengths, batch_size, seed=0, epoch=epoch)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert len(batches) == -(-len(lengths) // batch_size)
    assert sum(len(batch) != batch_size for batch in batches) <= 1


def test_epoch_batches_follow_from_seed_and_epoch():
    lengths = np.full(100, 5)
    orders = {
        (seed, epoch): np.concatenate(epoch_batches(lengths, 10, seed, epoch)).tolist()
        for seed in range(3)
        for epoch in range(3)
    }
    assert orders[1, 2] == np.concatenate(epoch_batches(lengths, 10, 1, 2)).tolist()
    assert len({tuple(order) for order in orders.values()}) == 9


def test_epoch_batches_have_few_pads():
    lengths = np.random.default_rng(0).integers(4, 13, 20_000)
    unsorted = np.array_split(np.arange(20_000), 313)
    assert pad_share(lengths, unsorted) > 0.3
    assert pad_share(lengths, epoch_batches(lengths, 64, 0, 1)) < 0.02


def test_epoch_batches_come_in_no_order_of_length():
    lengths = np.random.default_rng(0).integers(4, 13, 6400)
    means = [lengths[batch].mean() for batch in epoch_batches(lengths, 64, 0, 1)]
    assert abs(np.corrcoef(np.arange(100), means)[0, 1]) < 0.3


def test_epoch_batches_mix_strings_of_one_length():
    batches = epoch_batches(np.full(6400, 7), 64, 0, 1)
    assert all(np.ptp(batch) > 3200 for batch in batches)


def test_epochs_bring_other_strings_together():
    lengths = np.arange(6400)
    first, second = (epoch_batches(lengths, 64, 0, epoch) for epoch in (1, 2))
    assert not {frozenset(batch) for batch in first} & {frozenset(batch) for batch in second}


@given(LENGTHS, st.integers(1, 30))
def test_ordered_batches_go_by_length_and_hold_every_string_once(lengths, batch_size):
    batches = ordered_batches(lengths, batch_size)
    order = [index for batch in batches for index in batch]
    assert order == sorted(range(len(lengths)), key=lambda index: lengths[index])
    assert len(batches) == -(-len(lengths) // batch_size)


def test_ordered_batches_give_a_huge_string_a_batch_of_its_own():
    batches = ordered_batches(np.array([3, 10_000_000, 5, 0]), 64)
    assert [batch.tolist() for batch in batches] == [[3, 0, 2], [1]]


@pytest.mark.parametrize("length", [1000, 4096, 100_000])
def test_ordered_batches_bound_the_padded_characters(length):
    sizes = [len(batch) for batch in ordered_batches(np.full(1000, length), 512)]
    assert sum(sizes) == 1000
    assert max(sizes) == min(512, max(1, MAX_CHARACTERS // length))
