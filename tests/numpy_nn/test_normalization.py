import numpy as np
import pytest
import torch

from nlptrain.numpy_nn.normalization import batch_norm, instance_norm, layer_norm

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(3, 2, (4, 6, 5))
WEIGHT, BIAS = GENERATOR.normal(size=5), GENERATOR.normal(size=5)


def set_affine(layer):
    layer.load_state_dict(
        {"weight": torch.from_numpy(WEIGHT), "bias": torch.from_numpy(BIAS)}, strict=False
    )
    return layer


def test_batch_norm_equals_torch_in_evaluation():
    layer = set_affine(torch.nn.BatchNorm1d(5, dtype=torch.float64)).train()
    layer(torch.from_numpy(X).reshape(-1, 5))
    expected = layer.eval()(torch.from_numpy(X).reshape(-1, 5)).detach().numpy()
    statistics = layer.running_mean.numpy(), layer.running_var.numpy()
    found = batch_norm(X, WEIGHT, BIAS, *statistics).reshape(-1, 5)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_layer_norm_equals_torch():
    layer = set_affine(torch.nn.LayerNorm(5, dtype=torch.float64))
    expected = layer(torch.from_numpy(X)).detach().numpy()
    np.testing.assert_allclose(layer_norm(X, WEIGHT, BIAS), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("length", [1, 2, 6])
def test_instance_norm_equals_torch_on_the_real_positions(length):
    real = torch.from_numpy(X[:, :length])
    # torch's layer refuses a single position, so the formula stands in and is checked beside.
    mean, variance = real.mean(1, keepdim=True), real.var(1, keepdim=True, correction=0)
    expected = ((real - mean) / (variance + 1e-5).sqrt()).numpy() * WEIGHT + BIAS
    if length > 1:
        layer = set_affine(torch.nn.InstanceNorm1d(5, affine=True, dtype=torch.float64))
        np.testing.assert_allclose(expected, layer(real.mT).mT.detach().numpy(), atol=1e-12)
    found = instance_norm(X, WEIGHT, BIAS, np.full(4, length))[:, :length]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_batch_norm_by_hand():
    # (6 − 4) / √(0.99999 + 1e-5) · 3 + 1
    ones = np.ones(1)
    x = np.array([[[6.0]]])
    assert batch_norm(x, 3 * ones, ones, 4 * ones, 0.99999 * ones) == pytest.approx(7.0)


def test_layer_norm_by_hand():
    # Mean 4; the deviations −3, −1, 4 have the variance 26/3.
    found = layer_norm(np.array([[[1.0, 3.0, 8.0]]]), np.ones(3), np.zeros(3))
    np.testing.assert_allclose(found[0, 0], np.array([-3, -1, 4]) / np.sqrt(26 / 3 + 1e-5))


def test_instance_norm_by_hand_leaves_the_pads_out():
    x = np.array([[[1.0], [3.0], [np.inf], [np.nan]]])
    found = instance_norm(x, np.full(1, 2.0), np.full(1, 5.0), np.array([2]))
    unit = 1 / np.sqrt(1 + 1e-5)
    np.testing.assert_allclose(found[0, :2, 0], [5 - 2 * unit, 5 + 2 * unit])


def test_normalizing_keeps_the_precision():
    x, ones = X.astype(np.float32), np.ones(5, np.float32)
    found = (
        batch_norm(x, ones, ones, ones, ones),
        layer_norm(x, ones, ones),
        instance_norm(x, ones, ones, np.full(4, 3)),
    )
    assert [each.dtype for each in found] == [np.float32] * 3
