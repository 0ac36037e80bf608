"""Convolution along the string (cross-correlation, as in every deep-learning library)."""

import numpy as np

from nlptrain.numpy_nn.activation import Floats
from nlptrain.numpy_nn.readout import Lengths


def padding_widths(kernel_size: int, dilation: int, padding: str) -> tuple[int, int]:
    """Tell how many zeros stand left and right of the string; an odd one stands right."""
    total = dilation * (kernel_size - 1) if padding == "same" else 0
    return total // 2, total - total // 2


def output_lengths(
    lengths: Lengths, kernel_size: int, stride: int, dilation: int, padding: str
) -> Lengths:
    """Tell how many windows each string has: ⌊(T + P − d (K − 1) − 1) / s⌋ + 1, at least 0.

    An empty string has none, whatever the padding.
    """
    left, right = padding_widths(kernel_size, dilation, padding)
    windows = (lengths + left + right - dilation * (kernel_size - 1) - 1) // stride + 1
    return np.where(lengths > 0, np.maximum(windows, 0), 0)


def conv1d(
    x: Floats, weight: Floats, bias: Floats, stride: int, dilation: int, padding: str
) -> Floats:
    """Compute y[t] = Σ_k W[:, :, k] x[s·t + d·k − left] + b, with zeros outside the string.

    Args:
        x: Inputs (B, T, I), zero at pads.
        weight: W (O, I, K), torch's layout.
        bias: b (O,).
        stride: s.
        dilation: d.
        padding: same or valid.

    Returns:
        Outputs (B, windows, O); at least one window, of padding where the string is too short.
    """
    kernel_size = weight.shape[2]
    left, right = padding_widths(kernel_size, dilation, padding)
    reach = dilation * (kernel_size - 1) + 1
    missing = max(reach - x.shape[1] - left - right, 0)
    padded = np.pad(x, ((0, 0), (left, right + missing), (0, 0)))
    windows = (padded.shape[1] - reach) // stride + 1
    output = np.broadcast_to(bias, (len(x), windows, len(bias))).copy()
    for tap in range(kernel_size):
        begin = tap * dilation
        span = padded[:, begin : begin + (windows - 1) * stride + 1 : stride]
        output += span @ weight[:, :, tap].T
    return output
