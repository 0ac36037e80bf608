import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.tasks.wide import Wide

NUMBERS = st.lists(st.integers(0, 2**40), min_size=1, max_size=6)


def is_close(found, exact):
    return abs(found - exact) * 10**14 <= exact


@given(NUMBERS, st.integers(0, 400))
def test_numbers_beyond_all_floats_multiply_and_add_up(numbers, times):
    wide = Wide.of(np.array(numbers))
    for _ in range(times):
        wide = wide.times(np.array(9999))
    exact = [number * 9999**times for number in numbers]
    assert is_close(wide.sum().to_int(), sum(exact))


@given(NUMBERS)
def test_small_numbers_are_exact(numbers):
    assert Wide.of(np.array(numbers)).sum().to_int() == sum(numbers)
    assert Wide.of(np.array(numbers)).clip(1000).tolist() == [min(n, 1000) for n in numbers]


@given(NUMBERS)
def test_groups_add_up_apart_however_far_their_sizes_are(numbers):
    wide = Wide.of(np.array(numbers))
    for _ in range(300):
        wide = wide.times(np.where(np.arange(len(numbers)) % 2, 1, 10**6))
    sums = wide.sum_by(np.arange(len(numbers)) % 2, 3)
    assert is_close(sums.take(np.array(0)).to_int(), sum(numbers[::2]) * 10**1800)
    assert sums.take(np.array(1)).to_int() == sum(numbers[1::2])
    assert sums.take(np.array(2)).to_int() == 0


def test_counts_too_large_for_an_integer_are_clipped():
    wide = Wide.of(np.array([2.0**70, 2.0**61, 3, 0]))
    assert wide.clip(10**12).tolist() == [10**12, 10**12, 3, 0]


def test_rows_are_scaled_each_by_its_own_power_of_two():
    wide = Wide.of(np.array([[2.0**900, 2.0**901], [3, 12], [0, 0]]))
    np.testing.assert_array_equal(wide.aligned(), [[0.25, 0.5], [0.1875, 0.75], [0, 0]])
