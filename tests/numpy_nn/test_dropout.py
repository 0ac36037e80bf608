import numpy as np
import pytest

from nlptrain.numpy_nn.dropout import dropout_mask


def draw(shape=(200, 50), probability=0.4, seed=3, step=7, dtype="float64"):
    return dropout_mask(shape, probability, seed=seed, step=step, dtype=dtype)


def test_course_example_divides_survivors_by_the_share_kept():
    values = np.arange(1.0, 10.0)
    dropped = values * draw(shape=(9,), probability=0.4)
    survivors = dropped > 0
    assert 0 < survivors.sum() < 9
    np.testing.assert_allclose(dropped[survivors], values[survivors] / 0.6)
    assert draw().max() == pytest.approx(1.6667, abs=1e-4)
    assert 9 * draw().max() == pytest.approx(15)


def test_half_dropped_doubles_the_rest():
    assert set((np.arange(1.0, 7.0) * draw((6,), 0.5)).tolist()) <= {0, 2, 4, 6, 8, 10, 12}


@pytest.mark.parametrize("probability", [0.1, 0.4, 0.9])
def test_share_dropped_is_the_probability(probability):
    share = (draw(probability=probability) == 0).mean()
    # Six standard deviations of a binomial with 10,000 draws.
    assert abs(share - probability) < 6 * np.sqrt(probability * (1 - probability) / 10_000)


def test_mask_is_a_function_of_seed_and_step():
    np.testing.assert_array_equal(draw(), draw())
    assert not np.array_equal(draw(), draw(step=8))
    assert not np.array_equal(draw(), draw(seed=4))


def test_precision_does_not_change_what_is_dropped():
    single = draw(dtype="float32")
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single > 0, draw() > 0)


def test_nothing_is_dropped_with_probability_zero():
    np.testing.assert_array_equal(draw(probability=0.0), np.ones((200, 50)))
