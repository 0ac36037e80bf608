import math

from nlptrain.comparison.statistics.intervals import Mean, mean_and_range


def test_mean_has_the_lowest_and_the_highest_beside_it():
    assert mean_and_range([1.0, 3.0, 5.0]) == Mean(3, 1, 5, 3)
    assert mean_and_range([1.0, 3.0]).has_interval


def test_one_value_has_no_interval():
    mean = mean_and_range([0.5])
    assert (mean.value, mean.count, mean.has_interval) == (0.5, 1, False)


def test_interval_that_rules_nothing_out_is_none():
    assert not Mean(1.0, -math.inf, math.inf, 5).has_interval


def test_no_value_has_no_mean():
    assert math.isnan(mean_and_range([]).value)
