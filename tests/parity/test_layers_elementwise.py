"""Linear, activations, softmax and dropout by hand against torch, differences and paper."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.numpy_nn.activation import ACTIVATIONS as KINDS
from nlptrain.numpy_nn.activation import log_softmax, sigmoid, softmax
from nlptrain.numpy_nn.course.softmax import log_softmax_layer, softmax_layer
from nlptrain.numpy_nn.dropout import dropout_layer, dropout_mask
from nlptrain.numpy_nn.linear import linear
from nlptrain.torch_nn.activation import build_activation

ACTIVATIONS = {name: kind.forward for name, kind in KINDS.items()}
SOFTMAXES = [
    (softmax_layer, lambda x: torch.softmax(x, -1)),
    (log_softmax_layer, lambda x: torch.log_softmax(x, -1)),
]


@pytest.mark.parametrize(("rows", "inputs", "outputs"), [(4, 3, 5), (1, 1, 1), (2, 1, 3)])
def test_linear_equals_torch(check_layer, draw, rows, inputs, outputs):
    arrays = {"weight": draw(outputs, inputs), "bias": draw(outputs)}
    check_layer(linear, F.linear, draw(rows, inputs), **arrays)


def test_linear_networks_stand_side_by_side(check_side_by_side, draw):
    check_side_by_side(linear, draw(4, 3), weight=draw(5, 3), bias=draw(5))


def test_linear_on_paper():
    y, backward = linear(
        np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -1])
    )
    np.testing.assert_array_equal(y, [[11.5, 16.0]])
    grad_x, grads = backward(np.array([[1.0, 10.0]]))
    np.testing.assert_array_equal(grad_x, [[53.0, 64.0]])
    np.testing.assert_array_equal(grads["weight"], [[1.0, 2.0], [10.0, 20.0]])
    np.testing.assert_array_equal(grads["bias"], [1.0, 10.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 1), (2, 1, 3, 1)])
def test_activation_equals_torch(check_layer, draw, name, shape):
    check_layer(ACTIVATIONS[name], build_activation(name), draw(*shape))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_at_its_limits_equals_torch(check_layer, name):
    x = np.array([[-1000.0, -40.0, -0.0, 0.0, 40.0, 1000.0]])
    check_layer(ACTIVATIONS[name], build_activation(name), x, smooth=False)


@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [("sigmoid", 0.75, 0.1875), ("tanh", 0.8, 0.36), ("relu", np.log(3), 1.0)],
)
def test_activation_on_paper(name, value, slope):
    y, backward = ACTIVATIONS[name](np.array([np.log(3.0)]))
    np.testing.assert_allclose(y, [value], rtol=1e-14)
    np.testing.assert_allclose(backward(np.array([2.0]))[0], [2 * slope], rtol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_says_whether_it_never_falls(name):
    y, _ = ACTIVATIONS[name](np.linspace(-10, 10, 2001))
    assert (np.diff(y) >= 0).all() == KINDS[name].is_nondecreasing


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_keeps_its_float_type(check_side_by_side, draw, name):
    check_side_by_side(ACTIVATIONS[name], draw(3, 4))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_leaves_its_input_as_it_is(draw, name):
    x = draw(3, 4)
    before = x.copy()
    ACTIVATIONS[name](x)[1](draw(3, 4))
    np.testing.assert_array_equal(x, before)


def test_sigmoid_never_overflows_and_never_leaves_its_range():
    values = sigmoid(np.array([-1e30, -1000.0, 1000.0, 1e30], np.float32))
    np.testing.assert_array_equal(values, [0, 0, 1, 1])


@pytest.mark.parametrize(("layer", "reference"), SOFTMAXES)
@pytest.mark.parametrize("shape", [(4, 3), (1, 1), (2, 3, 5)])
def test_softmax_equals_torch(check_layer, draw, layer, reference, shape):
    check_layer(layer, reference, draw(*shape))


@pytest.mark.parametrize(("layer", "reference"), SOFTMAXES)
def test_softmax_of_extreme_logits_equals_torch(check_layer, layer, reference):
    check_layer(layer, reference, np.array([[1000.0, -1000.0, 0.0], [1000.0, 1000.0, 999.0]]))


@pytest.mark.parametrize(("layer", "reference"), SOFTMAXES)
def test_softmax_keeps_its_float_type(check_side_by_side, draw, layer, reference):
    check_side_by_side(layer, draw(3, 4))


def test_softmax_on_paper():
    x = np.log(np.array([[1.0, 2.0, 5.0]]))
    np.testing.assert_allclose(softmax(x), [[0.125, 0.25, 0.625]], rtol=1e-14)
    np.testing.assert_allclose(log_softmax(x), np.log([[0.125, 0.25, 0.625]]), rtol=1e-14)
    grad, _ = softmax_layer(x)[1](np.array([[1.0, 0.0, 0.0]]))
    np.testing.assert_allclose(grad, [[0.125 * 0.875, -0.125 * 0.25, -0.125 * 0.625]], rtol=1e-14)
    grad, _ = log_softmax_layer(x)[1](np.array([[1.0, 0.0, 0.0]]))
    np.testing.assert_allclose(grad, [[0.875, -0.25, -0.625]], rtol=1e-14)


@pytest.mark.parametrize("shape", [(4, 6), (1, 1)])
def test_dropout_equals_torch_with_the_same_mask(check_layer, draw, shape):
    mask = dropout_mask(shape, 0.5, seed=0, step=3, dtype="float64")
    check_layer(
        lambda x: dropout_layer(x, mask), lambda x: x * torch.from_numpy(mask), draw(*shape)
    )


def test_dropout_in_evaluation_changes_nothing(check_layer, draw):
    check_layer(
        lambda x: dropout_layer(x, None), lambda x: F.dropout(x, 0.9, training=False), draw(3, 4)
    )


def test_dropout_drops_the_share_it_should_and_keeps_the_mean():
    mask = dropout_mask((400, 500), 0.3, seed=1, step=0, dtype="float64")
    assert set(np.unique(mask)) == {0.0, 1 / 0.7}
    assert (mask == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert mask.mean() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("changed", [{"seed": 1}, {"step": 1}])
def test_dropout_mask_depends_on_seed_and_step_alone(changed):
    place = {"seed": 0, "step": 0, "dtype": "float32"}
    first = dropout_mask((20, 20), 0.5, **place)
    np.testing.assert_array_equal(first, dropout_mask((20, 20), 0.5, **place))
    assert (first != dropout_mask((20, 20), 0.5, **{**place, **changed})).any()
