import numpy as np
import pytest

from nlptrain.training.distributed.own_rows import take_own_rows
from nlptrain.training.learner import Batch

BATCH = Batch(
    ids=np.arange(15, dtype=np.int32).reshape(5, 3),
    lengths=np.array([1, 2, 3, 3, 3]),
    classes=np.array([0, 1, 1, 0, 1]),
    weights=np.array([0.5, 1.5, 1.0, 1.0, 1.0]),
)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_every_string_is_one_process_s(size):
    each = [take_own_rows(BATCH, rank, size, None) for rank in range(size)]
    indices = np.concatenate([own.indices for own in each])
    assert sorted(indices) == [0, 1, 2, 3, 4]
    for own in each:
        np.testing.assert_array_equal(own.batch.ids, BATCH.ids[own.indices])
        np.testing.assert_array_equal(own.batch.lengths, BATCH.lengths[own.indices])
        np.testing.assert_array_equal(own.batch.classes, BATCH.classes[own.indices])
        np.testing.assert_array_equal(own.batch.weights, BATCH.weights[own.indices])


def test_shares_are_those_of_the_strings_or_of_their_class_weights():
    shares = [take_own_rows(BATCH, rank, 2, None).share for rank in range(2)]
    assert shares == [pytest.approx(3 / 5), pytest.approx(2 / 5)]
    # Classes 0, 1, 1 of the first process weigh 3 + 1 + 1, and 1, 0 of the second 1 + 3.
    weighted = [take_own_rows(BATCH, rank, 2, np.array([3.0, 1.0])).share for rank in range(2)]
    assert weighted == [pytest.approx(5 / 9), pytest.approx(4 / 9)]


def test_process_without_a_string_computes_with_an_empty_one_that_counts_nothing():
    own = take_own_rows(BATCH, 5, 6, np.array([3.0, 1.0]))
    assert own.indices.tolist() == []
    assert own.share == 0
    assert own.batch.lengths.tolist() == [0]
    assert own.batch.ids.tolist() == [[0, 0, 0]]
