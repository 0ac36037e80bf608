"""Every readout over real positions: torch one string at a time, differences, paper."""

import numpy as np
import pytest
import torch

from every_kind import READOUTS
from nlptrain.numpy_nn.layer import Context
from nlptrain.numpy_nn.readout import last
from nlptrain.numpy_nn.readouts import build_readout
from nlptrain.torch_nn.layer import Context as TorchContext
from nlptrain.torch_nn.readout import build_readout as build_torch_readout

LENGTHS = [np.array([5, 5]), np.array([1, 3, 0, 5]), np.array([1]), np.array([0])]
EVERY_READOUT = pytest.mark.parametrize("kind", READOUTS)


def by_hand(kind, lengths):
    """Make a readout by hand: (x, **parameters) → (y, backward)."""
    context = Context(lengths, training=True, dropout=None)
    return lambda x, **arrays: build_readout(kind).forward(x, arrays, context)


class InTorch(torch.nn.Module):
    """The same in torch, of a string alone, without pads: (T, F) → (F,)."""

    def __init__(self, kind, size):
        super().__init__()
        layer = build_torch_readout(build_readout(kind), size)
        self.layer, self._read_out = layer.module, layer.forward

    def forward(self, alone):
        context = TorchContext(torch.tensor([len(alone)]), len(alone), padded=False, dropout=None)
        return self._read_out(alone[None], context)[0]


def one_by_one(read_out, lengths, times=1):
    """Read every string out alone, without its pads; an empty one gives zeros."""

    def reference(x, *parameters):
        rows = [
            read_out(x[:length, row], *parameters)
            if length
            else 0 * torch.nan_to_num(x[0, row]).repeat(times)
            + 0 * sum(each.sum() for each in parameters)
            for row, length in enumerate(lengths)
        ]
        return torch.stack(rows)

    return reference


def torch_one_by_one(kind, size, lengths):
    names = [f"layer.{name}" for name in build_readout(kind).parameters(size)]
    network = InTorch(kind, size)

    def read_out(alone, *parameters):
        given = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(network, given, (alone,))

    return one_by_one(read_out, lengths, build_readout(kind).output_size(size) // size)


def draw_parameters(draw, kind, size):
    shapes = {name: each.shape for name, each in build_readout(kind).parameters(size).items()}
    return {name: draw(*shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@EVERY_READOUT
def test_readout_equals_torch_on_the_real_positions(check_layer, draw, kind, lengths):
    check_layer(
        by_hand(kind, lengths),
        torch_one_by_one(kind, 3, lengths),
        draw(max(*lengths, 1), len(lengths), 3) - 2,
        **draw_parameters(draw, kind, 3),
    )


@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_last_of_both_directions_equals_torch(check_layer, draw, lengths):
    check_layer(
        lambda x: last(x, lengths, 2),
        one_by_one(lambda alone: torch.cat([alone[-1, :2], alone[0, 2:]]), lengths),
        draw(max(*lengths, 1), len(lengths), 4),
    )


def test_equal_maxima_share_the_gradient_as_in_torch(check_layer):
    x = np.random.default_rng(0).integers(0, 2, (6, 4, 3)).astype(float)
    lengths = np.array([6, 2, 4, 1])
    reference = one_by_one(lambda alone: alone.amax(0), lengths)
    check_layer(by_hand("max", lengths), reference, x, smooth=False)


@pytest.mark.parametrize("filling", [np.inf, -np.inf, np.nan])
@EVERY_READOUT
def test_what_stands_at_pads_changes_nothing(draw, kind, filling):
    x, lengths = draw(5, 4, 3), np.array([1, 3, 0, 5])
    pull = draw(4, build_readout(kind).output_size(3))
    arrays = draw_parameters(draw, kind, 3)
    real = np.arange(5)[:, None] < lengths
    filled = np.where(real[..., None], x, filling)
    (y, backward), (expected, backward_expected) = (
        by_hand(kind, lengths)(each, **arrays) for each in (filled, x)
    )
    np.testing.assert_array_equal(y, expected)
    (grad, grads), (expected_grad, expected_grads) = backward(pull), backward_expected(pull)
    np.testing.assert_array_equal(grad, expected_grad)
    for name in arrays:
        np.testing.assert_array_equal(grads[name], expected_grads[name])


@EVERY_READOUT
def test_readouts_stand_side_by_side(check_side_by_side, draw, kind):
    def read_out(x, **arrays):
        return by_hand(kind, np.broadcast_to([5, 1, 3], (*x.shape[:-3], 3)))(x, **arrays)

    check_side_by_side(read_out, draw(5, 3, 2), **draw_parameters(draw, kind, 2))


@EVERY_READOUT
def test_readout_says_whether_it_forgets_the_order(draw, kind):
    x, arrays, lengths = draw(5, 3, 2), draw_parameters(draw, kind, 2), np.array([5, 5, 5])
    # The reverse alone would not do: a readout may take both ends alike.
    orders = [range(5), (4, 3, 2, 1, 0), (1, 2, 3, 4, 0)]
    y, *others = (by_hand(kind, lengths)(x[list(each)], **arrays)[0] for each in orders)
    same = all(np.allclose(each, y, rtol=1e-12) for each in others)
    assert same == build_readout(kind).forgets_order


@pytest.mark.parametrize(
    ("kind", "value", "gradient"),
    [("mean", 4 / 3, [2, 2, 2, 0]), ("max", 4, [0, 6, 0, 0]), ("last", 2, [0, 0, 6, 0])],
)
def test_readout_on_paper(kind, value, gradient):
    x = np.array([-2.0, 4.0, 2.0, 100.0]).reshape(4, 1, 1)
    y, backward = by_hand(kind, np.array([3]))(x)
    np.testing.assert_allclose(y, [[value]], rtol=1e-15)
    np.testing.assert_allclose(backward(np.array([[6.0]]))[0].ravel(), gradient, rtol=1e-15)


def test_attention_on_paper():
    """With the query log 2 the features 0, 1, 3 have shares of 1, 2, 8 elevenths."""
    x, query = np.array([0.0, 1.0, 3.0, 100.0]).reshape(4, 1, 1), np.log([2.0])
    y, backward = by_hand("attention", np.array([3]))(x, query=query)
    grad, grads = backward(np.array([[11.0]]))
    expected = np.array([1, 2, 8, 0]) + np.array([-26, -30, 56, 0]) / 11 * query
    np.testing.assert_allclose(y, [[26 / 11]], rtol=1e-15)
    np.testing.assert_allclose(grad.ravel(), expected, rtol=1e-14)
    np.testing.assert_allclose(grads["query"], [138 / 11], rtol=1e-14)


def test_attention_of_large_scores_does_not_overflow():
    x = np.array([1000.0, 999.0]).reshape(2, 1, 1)
    y, _ = by_hand("attention", np.array([2]))(x, query=np.ones(1))
    np.testing.assert_allclose(y, [[1000 - 1 / (1 + np.e)]], rtol=1e-15)


def test_several_readouts_on_paper():
    x = np.array([-2.0, 4.0, 1.0]).reshape(3, 1, 1)
    y, backward = by_hand(("last", "mean", "max"), np.array([3]))(x)
    grad, _ = backward(np.array([[5.0, 3.0, 7.0]]))
    assert y.tolist() == [[1, 1, 4]]
    assert grad.ravel().tolist() == [1, 8, 6]
