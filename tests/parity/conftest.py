"""What every layer is held against: torch, a finite difference, and itself alone."""

import numpy as np
import pytest
import torch


def directional_difference(loss, arrays, grads, step=1e-5):
    """Compare (L(θ + εd) − L(θ − εd)) / 2ε with ⟨gradient, d⟩ along a random direction d.

    One number stands for every entry of every gradient: a wrong one has no place to hide.
    """
    generator = np.random.default_rng(7)
    direction = {name: generator.standard_normal(array.shape) for name, array in arrays.items()}
    ahead, behind = (
        loss({name: array + sign * step * direction[name] for name, array in arrays.items()})
        for sign in (1, -1)
    )
    expected = sum(float((grads[name] * direction[name]).sum()) for name in arrays)
    assert (ahead - behind) / (2 * step) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def compare_layer(by_hand, reference, x, *, smooth=True, **parameters):
    """Hold a layer's outputs and all its gradients against torch's and a finite difference.

    Args:
        by_hand: (x, **parameters) → (y, backward).
        reference: The same on torch's tensors, in this order → y.
        x: Inputs, float64.
        smooth: Whether it has a derivative here; if not, only torch tells what to take for it.
        parameters: Arrays by name, float64.
    """
    arrays = {"x": x, **parameters}
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    expected = reference(tensors["x"], *(tensors[name] for name in parameters))
    pull = np.random.default_rng(3).standard_normal(tuple(expected.shape))
    (expected * torch.from_numpy(pull)).sum().backward()
    y, backward = by_hand(**arrays)
    grad_x, grads = backward(pull.copy())
    assert y.shape == tuple(expected.shape)
    np.testing.assert_allclose(y, expected.detach().numpy(), rtol=1e-11, atol=1e-12)
    assert sorted(grads) == sorted(parameters)
    grads = {"x": grad_x, **grads}
    for name, tensor in tensors.items():
        np.testing.assert_allclose(
            grads[name], tensor.grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=name
        )
    if smooth:
        directional_difference(lambda at: float((by_hand(**at)[0] * pull).sum()), arrays, grads)


def compare_side_by_side(by_hand, x, **parameters):
    """Hold two networks in one call, along a leading axis, against each alone; in float32."""
    arrays = {name: array.astype(np.float32) for name, array in {"x": x, **parameters}.items()}
    networks = [arrays, {name: array[::-1] * np.float32(0.7) for name, array in arrays.items()}]
    together, backward = by_hand(
        **{name: np.stack([network[name] for network in networks]) for name in arrays}
    )
    pull = np.random.default_rng(4).standard_normal(together.shape).astype(np.float32)
    grad_x, grads = backward(pull.copy())
    for index, network in enumerate(networks):
        y, backward_alone = by_hand(**network)
        expected_x, expected = backward_alone(pull[index].copy())
        got = [together, grad_x, *(grads[name] for name in expected)]
        for side, alone in zip(got, [y, expected_x, *expected.values()], strict=True):
            assert side.dtype == alone.dtype == np.float32
            np.testing.assert_allclose(side[index], alone, rtol=1e-4, atol=1e-5)


@pytest.fixture
def check_gradient():
    return directional_difference


@pytest.fixture
def check_layer():
    return compare_layer


@pytest.fixture
def check_side_by_side():
    return compare_side_by_side


@pytest.fixture
def draw():
    """Draw arrays of given shapes, the same in every run."""
    generator = np.random.default_rng(11)
    return lambda *shape: generator.standard_normal(shape)
