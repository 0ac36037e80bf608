import numpy as np
import pytest

from nlptrain.numpy_nn import readout

FEATURES = np.array(
    [
        [[1.0, -8.0], [3.0, -2.0], [np.inf, np.nan]],
        [[5.0, -1.0], [np.inf, np.nan], [-np.inf, np.nan]],
        [[np.inf, np.nan], [np.inf, np.nan], [np.inf, np.nan]],
        [[-3.0, 1.0], [-2.0, 2.0], [-4.0, 6.0]],
    ]
).swapaxes(0, 1)
"""Three positions of four strings, two features; behind each string's end nothing finite."""
LENGTHS = np.array([2, 1, 0, 3])


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (readout.mean, [[2, -5], [5, -1], [0, 0], [-3, 3]]),
        (readout.maximum, [[3, -2], [5, -1], [0, 0], [-2, 6]]),
        (readout.last, [[3, -2], [5, -1], [0, 0], [-4, 6]]),
    ],
)
def test_only_real_positions_are_read_whatever_stands_at_pads(read, expected):
    np.testing.assert_array_equal(read(FEATURES, LENGTHS)[0], expected)


def test_what_was_read_backward_ends_at_the_first_position():
    found, _ = readout.last(FEATURES, LENGTHS, reverse_from=1)
    np.testing.assert_array_equal(found, [[3, -8], [5, -1], [0, 0], [-4, 1]])


@pytest.mark.parametrize("read", [readout.mean, readout.maximum, readout.last])
def test_readout_keeps_precision_and_input(read):
    features = np.ones((2, 1, 3), np.float32)
    assert read(features, np.array([1]))[0].dtype == np.float32
    np.testing.assert_array_equal(features, np.ones((2, 1, 3)))
