import numpy as np
import pytest

from nlptrain.numpy_nn.finite import are_finite, is_finite


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 500, 1000])
def test_one_number_that_is_not_finite_is_found(dtype, bad, place):
    vector = np.random.default_rng(0).normal(size=1001).astype(dtype)
    assert is_finite(vector)
    vector[place] = bad
    assert not is_finite(vector)


@pytest.mark.filterwarnings("ignore:overflow")
def test_numbers_whose_squares_overflow_are_finite():
    assert is_finite(np.full(3, 1e30, np.float32))
    assert is_finite(np.full(3, 1e200))


@pytest.mark.filterwarnings("ignore:overflow")
def test_each_of_several_vectors_is_judged_alone():
    vectors = np.ones((4, 10), np.float32)
    assert are_finite(vectors).tolist() == [True] * 4
    vectors[1, 3], vectors[2, 0] = np.nan, 1e30
    assert are_finite(vectors).tolist() == [True, False, True, True]
