import math

import numpy as np
import pytest
from scipy import stats

from nlptrain.comparison.statistics.sign_flips import correct_for_many, fewest_seeds, flip_signs

DIFFERENCES = {
    "normal": np.random.default_rng(0).normal(0.3, 1, 9),
    "one outlier": np.array([0.1, 0.2, 0.1, 0.3, -5.0, 0.2]),
    "ties and zeros": np.array([0.0, 1, 1, 0, 1, -1, 1, 1]),
    "all alike": np.array([0.5] * 7),
}
EVERY = pytest.mark.parametrize("values", DIFFERENCES.values(), ids=DIFFERENCES)


def scipys_p_value(values):
    return stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True
    ).pvalue


@EVERY
def test_p_value_is_scipys(values):
    assert flip_signs(tuple(values)).p_value == pytest.approx(scipys_p_value(values))


@EVERY
@pytest.mark.parametrize("error", [0.3, 0.05, 0.02])
def test_interval_holds_what_scipys_test_does_not_refuse(values, error):
    low, high = flip_signs(tuple(values)).interval(error)
    if math.isinf(low):
        assert 2 / 2 ** len(values) > error
        return
    middle = (low + high) / 2
    for inside in (min(low + 1e-6, middle), middle, max(high - 1e-6, middle)):
        assert scipys_p_value(values - inside) > error
    for outside in (low - 1e-6, high + 1e-6):
        assert scipys_p_value(values - outside) <= error


def test_one_difference_tells_nothing():
    assert flip_signs((0.5,)).p_value == 1


def test_drawn_flips_come_close_to_all_of_them():
    values = np.random.default_rng(3).normal(0.9, 1, 16)
    exact = scipys_p_value(values)
    assert 0.001 < exact < 0.2
    assert flip_signs(tuple(values)).p_value == pytest.approx(exact, rel=0.1)


def test_drawn_flips_never_give_a_p_value_of_0():
    assert 0 < flip_signs((1.0,) * 40).p_value < 1e-4


def test_interval_of_normal_values_is_close_to_students():
    values = np.random.default_rng(1).normal(size=30)
    low, high = flip_signs(tuple(values)).interval(0.05)
    student = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (low, high) == pytest.approx((student.low, student.high), abs=0.03)


def test_holm_takes_the_numbers_on_paper():
    # 4 × 0.005, 3 × 0.01, 2 × 0.03, and 0.04 not below that.
    steps = correct_for_many([0.01, 0.04, 0.03, 0.005])
    assert [step.p_value for step in steps] == pytest.approx([0.03, 0.06, 0.06, 0.02])
    # From the first that fails on, all are held against its error.
    assert [step.error for step in steps] == pytest.approx([0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4])


def test_interval_leaves_out_zero_where_the_test_counts_and_nowhere_else():
    generator = np.random.default_rng(2)
    tests = [flip_signs(tuple(generator.normal(shift, 1, 12))) for shift in np.arange(30) / 8]
    steps = correct_for_many([test.p_value for test in tests])
    counts = [step.p_value <= 0.05 for step in steps]
    assert 0 < sum(counts) < 30
    for test, step, count in zip(tests, steps, counts, strict=True):
        low, high = test.interval(step.error)
        assert (low > 0 or high < 0) == count


@pytest.mark.parametrize(("pairs", "seeds"), [(1, 6), (21, 10), (28, 11), (66, 12)])
def test_fewest_seeds_are_those_at_which_the_clearest_difference_counts(pairs, seeds):
    assert fewest_seeds(pairs) == seeds
    for count, seen in ((seeds, True), (seeds - 1, False)):
        p_values = [flip_signs((1.0,) * count).p_value] + [1.0] * (pairs - 1)
        assert (correct_for_many(p_values)[0].p_value <= 0.05) == seen
