import numpy as np
import pytest

from nlptrain.evaluation.intervals import wilson


@pytest.mark.parametrize(
    ("right", "examples", "expected"),
    # Newcombe 1998, Statistics in Medicine 17, Table I, method 3.
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_intervals_are_those_published(right, examples, expected):
    np.testing.assert_allclose(wilson(right, examples), expected, atol=5e-5)


def test_arrays_are_taken_and_nothing_known_is_everything_possible():
    low, high = wilson([0, 5, 10], [0, 10, 10])
    assert (low[0], high[0]) == (0, 1)
    assert low[1] == pytest.approx(1 - high[1])
    assert high[2] == pytest.approx(1)
