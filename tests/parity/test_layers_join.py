"""Joining branches: torch.cat, differences, and two networks side by side."""

import numpy as np
import pytest
import torch

from nlptrain.numpy_nn.join import join


def by_hand(x, other):
    y, backward = join((x, other))

    def both(grad_y):
        (grad_x, grad_other), _ = backward(grad_y)
        return grad_x, {"other": grad_other}

    return y, both


def draw(*shape):
    return np.random.default_rng(5).standard_normal(shape)


@pytest.mark.parametrize("strings", [1, 3])
def test_join_equals_torch(check_layer, strings):
    check_layer(
        by_hand,
        lambda x, other: torch.cat([x, other], dim=1),
        draw(strings, 2),
        other=draw(strings, 4),
    )


def test_networks_side_by_side_join_their_own(check_side_by_side):
    check_side_by_side(by_hand, draw(3, 2), other=draw(3, 4))


def test_join_on_paper():
    y, backward = join((np.array([[1.0, 2.0]]), np.array([[3.0]])))
    (first, second), grads = backward(np.array([[0.1, 0.2, 0.3]]))
    assert y.tolist() == [[1, 2, 3]]
    assert (first.tolist(), second.tolist(), grads) == ([[0.1, 0.2]], [[0.3]], {})
