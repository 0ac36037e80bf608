import math

import numpy as np
import pytest
from scipy import stats

from nlptrain.comparison.statistics.intervals import bootstrap_mean, expanded_tail, student_quantile


@pytest.mark.parametrize("degrees", [*range(1, 12), 29, 30, 200])
def test_student_quantile_is_scipys(degrees):
    assert student_quantile(0.975, degrees) == pytest.approx(stats.t.ppf(0.975, degrees))


@pytest.mark.parametrize("count", [3, 5, 10, 40])
def test_tail_is_expanded_as_hesterberg_says(count):
    z = math.sqrt(count / (count - 1)) * stats.t.ppf(0.975, count - 1)
    assert expanded_tail(count) == pytest.approx(stats.norm.cdf(-z))


@pytest.mark.parametrize("count", [5, 8, 30])
def test_interval_is_scipys_percentile_interval_at_the_expanded_level(count):
    values = np.random.default_rng(count).gamma(2.0, size=count)
    reference = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=50_000,
        confidence_level=1 - 2 * expanded_tail(count),
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    mean = bootstrap_mean(values)
    tolerance = 0.05 * (reference.high - reference.low)
    assert mean.value == pytest.approx(values.mean())
    assert (mean.low, mean.high) == pytest.approx(tuple(reference), abs=tolerance)


def test_interval_of_five_normal_values_holds_the_mean_about_95_times_in_100():
    samples = np.random.default_rng(0).normal(size=(600, 5))
    means = [bootstrap_mean(sample) for sample in samples]
    share = np.mean([mean.low <= 0 <= mean.high for mean in means])
    assert 0.91 <= share <= 0.97  # the plain percentile interval: 0.84


def test_two_values_span_the_whole_interval():
    mean = bootstrap_mean([1.0, 3.0])
    assert (mean.value, mean.low, mean.high) == (2, 1, 3)


def test_same_values_give_the_same_interval():
    assert bootstrap_mean([1.0, 2.0, 4.0]) == bootstrap_mean([1.0, 2.0, 4.0])


def test_one_value_has_no_interval():
    mean = bootstrap_mean([0.5])
    assert (mean.value, mean.count, mean.has_interval) == (0.5, 1, False)


def test_no_value_has_no_mean():
    assert math.isnan(bootstrap_mean([]).value)
