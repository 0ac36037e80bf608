import numpy as np
import pytest
from scipy.stats import binomtest

from nlptrain.evaluation.paired import PairedCounts


def test_interval_is_the_published_one():
    # Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33: airway hyper-responsiveness.
    low, high = PairedCounts(1, 1, 7, 12).interval()
    assert (round(low, 3), round(high, 3)) == (-0.507, -0.026)


def test_p_value_counts_only_strings_on_which_one_is_right():
    counts = PairedCounts(50, 3, 11, 6)
    assert counts.p_value() == pytest.approx(binomtest(3, 14).pvalue)
    assert PairedCounts(50, 0, 0, 6).p_value() == 1


def test_interval_holds_the_difference_in_about_95_of_100_draws():
    generator = np.random.default_rng(0)
    shares = [0.8, 0.06, 0.03, 0.11]
    draws = generator.multinomial(400, shares, 2000).tolist()
    intervals = [PairedCounts(*draw).interval() for draw in draws]
    held = np.mean([low <= 0.03 <= high for low, high in intervals])
    assert 0.935 <= held <= 0.97


def test_counts_are_taken_pairwise_and_add_up():
    counts = PairedCounts.of(np.array([1, 1, 0, 0]) > 0, np.array([1, 0, 1, 0]) > 0)
    assert counts == PairedCounts(1, 1, 1, 1)
    assert counts + counts == PairedCounts(2, 2, 2, 2)
    assert PairedCounts(5, 0, 0, 0).interval()[0] < 0 < PairedCounts(5, 0, 0, 0).interval()[1]
