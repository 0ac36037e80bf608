import itertools

import numpy as np
import pytest
import torch

from nlptrain.numpy_nn.convolution import conv1d, output_lengths, padding_widths

SHAPES = list(itertools.product((1, 2, 3, 4, 5), (1, 2, 3), (1, 2, 3)))
"""Kernel size, stride, dilation."""


def run_torch(x, layer, padding):
    """Pad as asked, then run torch's layer: (T, B, I) → (windows, B, O)."""
    padded = torch.nn.functional.pad(torch.from_numpy(x).permute(1, 2, 0), padding)
    return layer(padded).permute(2, 0, 1).detach().numpy()


@pytest.mark.crossed
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("kernel_size", "stride", "dilation"), SHAPES)
def test_outputs_equal_torchs_layer(kernel_size, stride, dilation, padding):
    torch.manual_seed(0)
    options = {"stride": stride, "dilation": dilation, "dtype": torch.float64}
    layer = torch.nn.Conv1d(3, 2, kernel_size, **options)
    x = np.random.default_rng(0).normal(size=(14, 2, 3))
    expected = run_torch(x, layer, padding_widths(kernel_size, dilation, padding))
    weight, bias = (each.detach().numpy() for each in (layer.weight, layer.bias))
    found, _ = conv1d(x, weight, bias, stride, dilation, padding)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_same_is_what_torch_calls_same(kernel_size):
    layer = torch.nn.Conv1d(1, 1, kernel_size, padding="same", dilation=2, dtype=torch.float64)
    x = np.random.default_rng(0).normal(size=(9, 1, 1))
    weight, bias = (each.detach().numpy() for each in (layer.weight, layer.bias))
    found, _ = conv1d(x, weight, bias, 1, 2, "same")
    np.testing.assert_allclose(found, run_torch(x, layer, (0, 0)), rtol=0, atol=1e-14)


@pytest.mark.crossed
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("kernel_size", "stride", "dilation"), SHAPES)
def test_lengths_are_those_of_torchs_layer(kernel_size, stride, dilation, padding):
    layer = torch.nn.Conv1d(1, 1, kernel_size, stride=stride, dilation=dilation)
    widths = sum(padding_widths(kernel_size, dilation, padding))
    lengths = np.arange(dilation * (kernel_size - 1) + 1 - widths, 20)
    expected = [layer(torch.zeros(1, 1, length + widths)).shape[2] for length in lengths]
    found = output_lengths(lengths, kernel_size, stride, dilation, padding)
    np.testing.assert_array_equal(found, expected)


def test_empty_or_too_short_string_has_no_window():
    np.testing.assert_array_equal(
        output_lengths(np.array([0, 1, 2, 3]), 3, 1, 1, "valid"), [0, 0, 0, 1]
    )
    np.testing.assert_array_equal(output_lengths(np.array([0, 1]), 3, 1, 1, "same"), [0, 1])


def test_kernel_finds_the_edges_of_a_line_of_pixels():
    x = np.array([1.0, 1, 0, 0, 0, 0, 1, 1])[:, None, None]
    found, _ = conv1d(x, np.array([[[1.0, -1.0]]]), np.zeros(1), 1, 1, "valid")
    np.testing.assert_array_equal(found[:, 0, 0], [0, 1, 0, 0, 0, -1, 0])


def test_same_padding_puts_the_odd_zero_right():
    x = np.array([1.0, 2, 3])[:, None, None]
    found, _ = conv1d(x, np.array([[[10.0, 1.0]]]), np.zeros(1), 1, 1, "same")
    np.testing.assert_array_equal(found[:, 0, 0], [12, 23, 30])
