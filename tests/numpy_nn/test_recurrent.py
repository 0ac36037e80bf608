import numpy as np

from nlptrain.numpy_nn.arrays import take_positions
from nlptrain.numpy_nn.recurrent import reversed_positions


def test_positions_are_reversed_within_each_string():
    expected = np.array([[2, 1, 0, 3], [0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3]])
    found = reversed_positions(np.array([3, 1, 4, 0]), 4)
    np.testing.assert_array_equal(found, expected.T)


def test_each_of_the_networks_side_by_side_reverses_its_own_strings():
    lengths = np.array([[3, 1], [2, 4]])
    found = reversed_positions(lengths, 4)
    for own, order in zip(lengths, found, strict=True):
        np.testing.assert_array_equal(order, reversed_positions(own, 4))


def test_string_reversed_twice_is_as_it_was():
    x = np.arange(16.0).reshape(4, 2, 2)  # T, B, F
    order = reversed_positions(np.array([3, 4]), 4)
    once = take_positions(x, order)
    np.testing.assert_array_equal(once[:, 0], x[[2, 1, 0, 3], 0])
    np.testing.assert_array_equal(once[:, 1], x[::-1, 1])
    np.testing.assert_array_equal(take_positions(once, order), x)
