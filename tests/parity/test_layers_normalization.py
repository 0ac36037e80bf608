"""Batch, layer and instance norm by hand: torch on the real positions alone, differences, paper."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.numpy_nn.normalization import (
    batch_norm,
    batch_norm_evaluation,
    instance_norm,
    layer_norm,
    update_running,
)

FULL, RAGGED, ONE = np.array([5, 5, 5]), np.array([2, 5, 1, 0]), np.array([1, 1])
LENGTHS = pytest.mark.parametrize("lengths", [FULL, RAGGED, ONE], ids=["full", "ragged", "one"])
FEATURES = pytest.mark.parametrize("features", [1, 4])


def real_positions(lengths):
    return torch.from_numpy(np.arange(max(lengths))[:, None] < lengths)


def torch_batch_norm(x, weight, bias, lengths):
    """Normalize the real positions alone; pads come out as zeros normalized do."""
    real = real_positions(lengths)
    y = F.batch_norm(x[real], None, None, weight, bias, training=True)
    return torch.zeros_like(x).index_put((real,), y)


def torch_instance_norm(x, weight, bias, lengths):
    """Normalize each string alone, without its pads."""
    columns = []
    for row, length in enumerate(lengths):
        alone = x[:length, row]
        y = alone
        if length:
            variance, mean = torch.var_mean(alone, dim=0, correction=0)
            y = (alone - mean) / torch.sqrt(variance + 1e-5) * weight + bias
        columns.append(torch.cat([y, x.new_zeros(len(x) - length, x.shape[2])]))
    return torch.stack(columns, dim=1)


def without_pads(layer, lengths):
    """Put zeros at a layer's pads, whatever it left there, and let no gradient come from them."""
    real = real_positions(lengths).numpy()[..., None]

    def apply(x, weight, bias):
        y, backward = layer(x, weight, bias)[:2]
        return np.where(real, y, 0), lambda grad: backward(np.where(real, grad, 0))

    return apply


def norm_parameters(draw, features):
    return {"weight": 1 + 0.3 * draw(features), "bias": draw(features)}


@FEATURES
def test_layer_norm_equals_torch(check_layer, draw, features):
    check_layer(
        layer_norm,
        lambda x, weight, bias: F.layer_norm(x, weight.shape, weight, bias, 1e-5),
        3 * draw(5, 3, features) + 1,
        **norm_parameters(draw, features),
    )


@FEATURES
@LENGTHS
def test_batch_norm_equals_torch_on_the_real_positions(check_layer, draw, features, lengths):
    check_layer(
        without_pads(lambda x, weight, bias: batch_norm(x, weight, bias, lengths), lengths),
        lambda x, weight, bias: torch_batch_norm(x, weight, bias, lengths),
        3 * draw(max(lengths), len(lengths), features) + 1,
        **norm_parameters(draw, features),
    )


@FEATURES
@LENGTHS
def test_instance_norm_equals_torch_on_the_real_positions(check_layer, draw, features, lengths):
    check_layer(
        without_pads(lambda x, weight, bias: instance_norm(x, weight, bias, lengths), lengths),
        lambda x, weight, bias: torch_instance_norm(x, weight, bias, lengths),
        3 * draw(max(lengths), len(lengths), features) + 1,
        **norm_parameters(draw, features),
    )


def test_instance_norm_without_pads_equals_torchs_own(check_layer, draw):
    check_layer(
        lambda x, weight, bias: instance_norm(x, weight, bias, FULL),
        lambda x, weight, bias: F.instance_norm(
            x.permute(1, 2, 0), weight=weight, bias=bias, eps=1e-5
        ).permute(2, 0, 1),
        3 * draw(5, 3, 4) + 1,
        **norm_parameters(draw, 4),
    )


@pytest.mark.parametrize("layer", [batch_norm, instance_norm])
def test_what_stands_at_pads_counts_nowhere(draw, layer):
    x, pull = draw(5, 4, 3), draw(5, 4, 3)
    parameters = norm_parameters(draw, 3)
    real = real_positions(RAGGED).numpy()[..., None]
    results = []
    for filling in (0.0, np.inf):
        apply = without_pads(lambda x, weight, bias: layer(x, weight, bias, RAGGED), RAGGED)
        with np.errstate(invalid="ignore"):
            y, backward = apply(np.where(real, x, filling), **parameters)
            results.append([y, backward(pull)[0]])
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(np.where(real, 0, results[0][1]), np.zeros_like(x))


@LENGTHS
def test_running_statistics_equal_torch_over_several_batches(draw, lengths):
    running = [np.zeros(3), np.ones(3)]
    expected = [torch.zeros(3).double(), torch.ones(3).double()]
    for _ in range(4):
        x = 3 * draw(max(lengths), len(lengths), 3) + 1
        statistics = batch_norm(x, np.ones(3), np.zeros(3), lengths)[2]
        for mine, statistic in zip(running, statistics, strict=True):
            update_running(mine, statistic)
        F.batch_norm(torch.from_numpy(x)[real_positions(lengths)], *expected, training=True)
    for mine, reference in zip(running, expected, strict=True):
        np.testing.assert_allclose(mine, reference.numpy(), rtol=1e-12)


def test_batch_norm_in_evaluation_equals_torch(check_layer, draw):
    mean, variance = draw(4), np.abs(draw(4)) + 0.1
    running = torch.from_numpy(mean), torch.from_numpy(variance)
    check_layer(
        lambda x, weight, bias: batch_norm_evaluation(x, weight, bias, mean, variance),
        lambda x, weight, bias: F.batch_norm(x.reshape(-1, 4), *running, weight, bias).view_as(x),
        draw(5, 3, 4),
        **norm_parameters(draw, 4),
    )


def test_batch_norm_in_evaluation_on_paper():
    # (6 − 4) / √(0.99999 + 1e-5) · 3 + 1; each feature has numbers of its own.
    x, gamma, beta = np.array([[[6.0, 6.0]]]), np.array([3.0, 1.0]), np.array([1.0, 0.0])
    running = np.array([4.0, 5.0]), np.array([1.0, 4.0]) - 1e-5
    y, backward = batch_norm_evaluation(x, gamma, beta, *running)
    np.testing.assert_allclose(y, [[[7.0, 0.5]]], rtol=1e-14)
    np.testing.assert_allclose(backward(np.ones((1, 1, 2)))[0], [[[3.0, 0.5]]], rtol=1e-14)


def test_batch_norms_in_evaluation_stand_side_by_side(check_side_by_side, draw):
    def apply(x, weight, bias):
        mean = np.broadcast_to(np.float32([0.5, -1, 2, 0]), weight.shape)
        return batch_norm_evaluation(x, weight, bias, mean, mean * mean)

    check_side_by_side(apply, draw(5, 3, 4), **norm_parameters(draw, 4))


def test_instance_norm_on_paper_leaves_the_pads_out():
    x = np.array([1.0, 3.0, np.inf, np.nan]).reshape(4, 1, 1)
    y, _ = instance_norm(x, np.full(1, 2.0), np.full(1, 5.0), np.array([2]))
    unit = 1 / np.sqrt(1 + 1e-5)
    np.testing.assert_allclose(y[:2, 0, 0], [5 - 2 * unit, 5 + 2 * unit], rtol=1e-14)


@pytest.mark.parametrize("layer", [layer_norm, batch_norm, instance_norm])
def test_norms_stand_side_by_side(check_side_by_side, draw, layer):
    def apply(x, weight, bias):
        lengths = [np.broadcast_to(FULL, (*x.shape[:-3], 3))] if layer is not layer_norm else []
        return layer(x, weight, bias, *lengths)[:2]

    check_side_by_side(apply, draw(5, 3, 4), **norm_parameters(draw, 4))


@pytest.mark.parametrize(
    ("apply", "shape"),
    [
        (layer_norm, (1, 1, 4)),
        (lambda x, g, b: batch_norm(x, g, b, np.array([2, 2]))[:2], (2, 2, 1)),
        (lambda x, g, b: instance_norm(x, g, b, np.array([4])), (4, 1, 1)),
    ],
    ids=["layer", "batch", "instance"],
)
def test_norm_on_paper(apply, shape):
    # Mean 5, variance ((−3)² + (−1)² + 1² + 3²) / 4 = 5.
    gamma, beta = np.full(shape[-1], 2.0), np.full(shape[-1], 10.0)
    y, _ = apply(np.array([2.0, 4.0, 6.0, 8.0]).reshape(shape), gamma, beta)
    expected = 10 + 2 * np.array([-3, -1, 1, 3]) / np.sqrt(5 + 1e-5)
    np.testing.assert_allclose(y.ravel(), expected, rtol=1e-14)
