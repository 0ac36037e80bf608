import pytest
from scipy.stats import binom

from nlptrain.comparison.encoders.chance import beyond_chance


@pytest.mark.parametrize("strings", [1, 7, 200, 2001])
@pytest.mark.parametrize("chance", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("probability", [0.01, 1e-5])
def test_bound_is_the_first_count_that_is_rare_enough(strings, chance, probability):
    bound = beyond_chance(chance, strings, probability)
    assert bound == strings + 1 or binom.sf(bound - 1, strings, chance) <= probability
    assert binom.sf(bound - 2, strings, chance) > probability


def test_who_is_always_right_by_guessing_is_never_better():
    assert beyond_chance(1.0, 10, 0.01) == 11


def test_many_strings_do_not_overflow():
    assert beyond_chance(0.5, 200_000, 0.01) / 200_000 == pytest.approx(0.5026, abs=1e-4)
