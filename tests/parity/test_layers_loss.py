"""The losses by hand against torch, differences and paper, at extreme logits too."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from every_kind import LOSSES as KINDS
from nlptrain.numpy_nn.course.output_loss import mean_squared_error, nll
from nlptrain.numpy_nn.course.softmax import log_softmax_layer
from nlptrain.numpy_nn.loss import loss
from nlptrain.torch_nn.loss import loss as loss_in_torch

WEIGHTS = pytest.mark.parametrize("weights", [None, np.array([0.5, 3.0, 1.5])])
BATCHES = pytest.mark.parametrize("batch", [1, 6])


def torch_loss(kind, logits, classes, weights):
    """Compute torch's loss of each string and its weighted mean."""
    if kind == "cross_entropy":
        return F.cross_entropy(logits, classes, weights)
    truth, logit = classes.double(), logits[:, 0]
    if kind == "bce":
        each = F.binary_cross_entropy_with_logits(logit, truth, reduction="none")
    else:
        each = F.mse_loss(torch.sigmoid(logit), truth, reduction="none")
    chosen = torch.ones_like(truth) if weights is None else weights[classes]
    return (each * chosen).sum() / chosen.sum()


def make_case(kind, batch, logits):
    classes = np.random.default_rng(5).integers(0, 3 if kind == "cross_entropy" else 2, batch)
    return logits(batch, 3 if kind == "cross_entropy" else 1), classes


def compare(kind, logits, classes, weights):
    tensor = torch.tensor(logits, requires_grad=True)
    expected = torch_loss(
        kind,
        tensor,
        torch.from_numpy(classes),
        None if weights is None else torch.from_numpy(weights),
    )
    expected.backward()
    value, grad = loss(kind, logits, classes, weights)
    np.testing.assert_allclose(value, expected.item(), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=1e-10, atol=1e-15)
    assert np.isfinite(value)


@WEIGHTS
@BATCHES
@pytest.mark.parametrize("kind", KINDS)
def test_loss_and_gradient_equal_torch(draw, kind, batch, weights):
    compare(kind, *make_case(kind, batch, draw), weights)


@WEIGHTS
@pytest.mark.parametrize("kind", KINDS)
def test_weights_of_strings_multiply_what_each_adds(draw, kind, weights):
    logits, classes = make_case(kind, 6, draw)
    own = np.array([0.25, 0.0, 3.0, 1.0, 0.5, 1.25])
    tensor = torch.tensor(logits, requires_grad=True)
    truth = torch.from_numpy(classes)
    by_class = None if weights is None else torch.from_numpy(weights)
    share = torch.ones(6, dtype=torch.float64) if by_class is None else by_class[truth]
    # Each string's share of the mean, from torch's losses of the strings one by one.
    alone = [torch_loss(kind, tensor[[i]], truth[[i]], None) for i in range(6)]
    expected = (torch.stack(alone) * share * torch.from_numpy(own)).sum() / share.sum()
    expected.backward()
    value, grad = loss(kind, logits, classes, weights, own)
    np.testing.assert_allclose(value, expected.item(), rtol=1e-12)
    np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=1e-10, atol=1e-15)
    in_torch = loss_in_torch(kind, tensor, truth, by_class, torch.from_numpy(own))
    np.testing.assert_allclose(in_torch.item(), expected.item(), rtol=1e-12)
    (found,) = torch.autograd.grad(in_torch, tensor)
    np.testing.assert_allclose(found.numpy(), grad, rtol=1e-10, atol=1e-15)


@pytest.mark.crossed
@WEIGHTS
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [40.0, 1000.0])
def test_loss_of_extreme_logits_is_finite_and_equals_torch(kind, size, weights):
    signs = np.random.default_rng(8)
    logits, classes = make_case(kind, 8, lambda *shape: size * signs.choice([-1.0, 1.0], shape))
    compare(kind, logits, classes, weights)


@WEIGHTS
@pytest.mark.parametrize("kind", KINDS)
def test_loss_gradient_is_a_finite_difference(check_gradient, draw, kind, weights):
    logits, classes = make_case(kind, 6, draw)
    grads = {"logits": loss(kind, logits, classes, weights)[1]}
    check_gradient(
        lambda at: float(loss(kind, at["logits"], classes, weights)[0]), {"logits": logits}, grads
    )


def smoothed_in_torch(kind, logits, classes, smoothing):
    """Compute each string's loss from torch's own functions, with the label spread by hand."""
    number = 3 if kind == "cross_entropy" else 2
    truth = F.one_hot(classes, number).double() * (1 - smoothing) + smoothing / number
    if kind == "cross_entropy":
        return F.cross_entropy(logits, truth, reduction="none")
    if kind == "bce":
        two = torch.cat([torch.zeros_like(logits), logits], dim=1)
        return F.cross_entropy(two, truth, reduction="none")
    return F.mse_loss(torch.sigmoid(logits)[:, 0], truth[:, 1], reduction="none")


@pytest.mark.parametrize("own", [None, np.array([0.5, 0.0, 2.0, 1.5])], ids=["", "weighted"])
@WEIGHTS
@pytest.mark.parametrize("kind", KINDS)
def test_smoothed_loss_equals_torch(check_gradient, draw, kind, weights, own):
    logits, classes = make_case(kind, 4, draw)
    truth, tensor = torch.from_numpy(classes), torch.tensor(logits, requires_grad=True)
    share = np.ones(4) if weights is None else weights[classes]
    counted = torch.from_numpy(share if own is None else share * own)
    expected = (smoothed_in_torch(kind, tensor, truth, 0.3) * counted).sum() / share.sum()
    expected.backward()

    value, grad = loss(kind, logits, classes, weights, own, 0.3)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=1e-10, atol=1e-15)
    check_gradient(
        lambda at: float(loss(kind, at["z"], classes, weights, own, 0.3)[0]),
        {"z": logits},
        {"z": grad},
    )

    given = [None if array is None else torch.from_numpy(array) for array in (weights, own)]
    in_torch = loss_in_torch(kind, tensor, truth, *given, 0.3)
    assert in_torch.item() == pytest.approx(expected.item(), rel=1e-12)
    (found,) = torch.autograd.grad(in_torch, tensor)
    np.testing.assert_allclose(found.numpy(), grad, rtol=1e-10, atol=1e-15)


def test_smoothed_cross_entropy_on_paper():
    # With ε = 0.3 the first of three classes has 0.8 of the label, each other 0.1.
    logits, classes = np.log([[0.5, 0.25, 0.25]]), np.array([0])
    value, grad = loss("cross_entropy", logits, classes, label_smoothing=0.3)
    assert value == pytest.approx(0.8 * np.log(2) + 0.2 * np.log(4))
    np.testing.assert_allclose(grad, [[0.5 - 0.8, 0.25 - 0.1, 0.25 - 0.1]], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_losses_stand_side_by_side(draw, kind):
    logits, classes = make_case(kind, 4, draw)
    logits, classes = np.stack([logits, -logits]).astype(np.float32), np.stack([classes] * 2)
    values, grads = loss(kind, logits, classes)
    assert values.dtype == grads.dtype == np.float32
    for index in range(2):
        value, grad = loss(kind, logits[index], classes[index])
        assert values[index] == pytest.approx(value, rel=1e-6)
        np.testing.assert_allclose(grads[index], grad, rtol=1e-6)


@WEIGHTS
@pytest.mark.parametrize("kind", KINDS)
def test_loss_keeps_its_float_type(draw, kind, weights):
    logits, classes = make_case(kind, 4, draw)
    value, grad = loss(kind, logits.astype(np.float32), classes, weights)
    assert value.dtype == grad.dtype == np.float32


def test_output_losses_keep_their_float_type(draw):
    outputs = draw(4, 3).astype(np.float32)
    for value, grad in (mean_squared_error(outputs, draw(4, 3)), nll(outputs, np.zeros(4, int))):
        assert value.dtype == grad.dtype == np.float32


def test_losses_on_paper():
    # σ(ln 3) = ¾; the class is 0 with weight 1, then 1 with weight 3.
    logits, classes = np.full((2, 1), np.log(3.0)), np.array([0, 1])
    weights = np.array([1.0, 3.0])
    assert loss("mse", logits, classes)[0] == pytest.approx((9 / 16 + 1 / 16) / 2)
    assert loss("mse", logits, classes, weights)[0] == pytest.approx((9 / 16 + 3 / 16) / 4)
    assert loss("bce", logits, classes)[0] == pytest.approx((np.log(4) + np.log(4 / 3)) / 2)
    value, grad = loss("bce", logits, classes, weights)
    assert value == pytest.approx((np.log(4) + 3 * np.log(4 / 3)) / 4)
    np.testing.assert_allclose(grad[:, 0], [0.75 / 4, -0.25 * 3 / 4])


@WEIGHTS
@BATCHES
def test_nll_equals_torch(draw, batch, weights):
    classes = np.random.default_rng(6).integers(0, 3, batch)
    x = np.log(np.random.default_rng(7).dirichlet(np.ones(3), batch))
    tensor = torch.tensor(x, requires_grad=True)
    weight = None if weights is None else torch.from_numpy(weights)
    expected = F.nll_loss(tensor, torch.from_numpy(classes), weight)
    expected.backward()
    value, grad = nll(x, classes, weights)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=1e-12)


@WEIGHTS
def test_log_softmax_and_nll_are_cross_entropy(draw, weights):
    logits, classes = make_case("cross_entropy", 6, draw)
    log_probabilities, backward = log_softmax_layer(logits)
    value, grad = nll(log_probabilities, classes, weights)
    expected, expected_grad = loss("cross_entropy", logits, classes, weights)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(backward(grad)[0], expected_grad, rtol=1e-12, atol=1e-15)


def test_nll_of_an_impossible_other_class_is_finite():
    value, grad = nll(np.array([[0.0, -np.inf]]), np.array([0]))
    assert value == 0
    np.testing.assert_array_equal(grad, [[-1.0, 0.0]])


@pytest.mark.parametrize("shape", [(4, 3), (1, 1), (5, 1)])
def test_mean_squared_error_equals_torch(check_gradient, draw, shape):
    outputs, truth = draw(*shape), draw(*shape)
    tensor = torch.tensor(outputs, requires_grad=True)
    expected = F.mse_loss(tensor, torch.from_numpy(truth))
    expected.backward()
    value, grad = mean_squared_error(outputs, truth)
    assert value == pytest.approx(expected.item(), rel=1e-13)
    np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=1e-13)
    check_gradient(
        lambda at: float(mean_squared_error(at["a"], truth)[0]), {"a": outputs}, {"a": grad}
    )


def test_output_losses_stand_side_by_side(draw):
    outputs, truth = draw(2, 4, 3), draw(2, 4, 3)
    classes = np.array([[0, 1, 2, 1], [2, 2, 0, 1]])
    pairs = [(mean_squared_error, truth), (nll, classes)]
    for function, expected in pairs:
        values, grads = function(outputs, expected)
        for index in range(2):
            value, grad = function(outputs[index], expected[index])
            assert values[index] == pytest.approx(value)
            np.testing.assert_allclose(grads[index], grad)
