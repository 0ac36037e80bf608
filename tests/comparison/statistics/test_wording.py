import math

import pytest

from nlptrain.comparison.statistics import wording
from nlptrain.comparison.statistics.intervals import Mean

NONE = Mean(math.nan, math.nan, math.nan, 0)


def test_accuracy_is_in_percent_with_its_interval():
    assert wording.percent(Mean(0.98524, 0.981, 0.989, 5)) == "98.52 % [98.10, 98.90]"


def test_loss_has_three_digits():
    assert wording.loss(Mean(0.04, 0.0312, 12.5, 5)) == "0.0400 [0.0312, 12.5]"


def test_one_value_has_no_brackets_and_none_is_a_dash():
    assert wording.percent(Mean(0.5, 0.5, 0.5, 1)) == "50.00 %"
    assert (wording.percent(NONE), wording.loss(NONE)) == ("–", "–")


def test_difference_has_a_sign_where_asked_for():
    mean = Mean(-0.012, -0.02, 0.004, 5)
    assert wording.points(mean, signed=True) == "−1.20 points of accuracy [−2.00, +0.40]"
    assert wording.loss_difference(Mean(0.5, 0.25, 0.75, 5), signed=False) == (
        "0.500 in test loss [0.250, 0.750]"
    )


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_names_are_joined(names, text):
    assert wording.enumerate_names(names) == text


@pytest.mark.parametrize(
    ("kind", "unit"), [("bce", " (nats)"), ("cross_entropy", " (nats)"), ("mse", "")]
)
def test_logarithmic_losses_are_in_nats(kind, unit):
    assert wording.loss_unit(kind) == unit


def test_ratio_of_steps_is_in_times():
    mean = Mean(0.77, 0.69, 0.85, 12)
    assert wording.times_the_steps(mean) == "0.77 times the steps to the target [0.69, 0.85]"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "p < 0.001"), (0.0123, "p = 0.012"), (1.0, "p = 1")]
)
def test_p_value_has_two_digits(value, text):
    assert wording.p_value(value) == text
