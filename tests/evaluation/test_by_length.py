import numpy as np
import pytest
from scipy.stats import binomtest

from nlptrain.evaluation.by_length import score_by_length


def test_each_length_has_its_accuracy_and_interval():
    lengths = np.array([3, 3, 3, 4, 9, 9])
    is_right = np.array([True, True, False, True, False, False])
    rows = score_by_length(lengths, is_right, trained=(3, 5))
    assert [(row.shortest, row.examples, row.in_training) for row in rows] == [
        (3, 3, True),
        (4, 1, True),
        (9, 2, False),
    ]
    assert [row.accuracy for row in rows] == pytest.approx([2 / 3, 1, 0])
    interval = binomtest(2, 3).proportion_ci(method="wilson")
    assert (rows[0].low, rows[0].high) == pytest.approx((interval.low, interval.high))


def test_many_lengths_share_rows_but_never_across_the_training_range():
    lengths = np.arange(1, 501)
    rows = score_by_length(lengths, lengths % 2 == 0, trained=(20, 40))
    assert sum(row.examples for row in rows) == 500
    assert len(rows) <= 60
    assert [row.shortest for row in rows[1:]] == [row.longest + 1 for row in rows[:-1]]
    assert all((row.shortest >= 20 and row.longest <= 40) == row.in_training for row in rows)


def test_row_as_plain_values():
    row = score_by_length(np.array([2]), np.array([True]), trained=(1, 1))[0]
    assert row.to_json()["in_training"] is False
    assert set(row.to_json()) >= {"shortest", "longest", "examples", "accuracy", "low", "high"}
