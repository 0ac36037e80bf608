"""Convolution along the string (cross-correlation, as in every deep-learning library)."""

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, Lengths


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
) -> tuple[Floats, Backward]:
    """Compute y[t] = Σ_k W[:, :, k] x[s·t + d·k − left] + b, with zeros outside the string.

    The windows are laid out side by side, (…, windows · B, K · I), and all taps are one product.

    Args:
        x: Inputs (…, T, B, I), zero at pads.
        weight: W (…, O, I, K), torch's layout.
        bias: b (…, O).
        stride: s.
        dilation: d.
        padding: same or valid.

    Returns:
        Outputs (…, windows, B, O); at least one window, of padding where the string is too short.
    """
    kernel_size, inputs = weight.shape[-1], weight.shape[-2]
    left, right = padding_widths(kernel_size, dilation, padding)
    reach = dilation * (kernel_size - 1) + 1
    missing = max(reach - x.shape[-3] - left - right, 0)
    length = left + x.shape[-3] + right + missing
    windows = (length - reach) // stride + 1
    spans = [
        slice(tap * dilation, tap * dilation + (windows - 1) * stride + 1, stride)
        for tap in range(kernel_size)
    ]
    padded = np.zeros((*x.shape[:-3], length, *x.shape[-2:]), x.dtype)
    padded[..., left : left + x.shape[-3], :, :] = x
    columns = np.concatenate([padded[..., span, :, :] for span in spans], axis=-1)
    flat = columns.reshape(*x.shape[:-3], windows * x.shape[-2], kernel_size * inputs)
    kernels = weight.swapaxes(-1, -2).reshape(*weight.shape[:-2], kernel_size * inputs)
    y = flat @ kernels.mT
    y += bias[..., None, :]

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad = grad_y.reshape(y.shape)
        grad_kernels = (grad.mT @ flat).reshape(*weight.shape[:-2], kernel_size, inputs)
        grad_columns = (grad @ kernels).reshape(columns.shape)
        grad_padded = np.zeros_like(padded)
        for tap, span in enumerate(spans):
            part = slice(tap * inputs, (tap + 1) * inputs)
            grad_padded[..., span, :, :] += grad_columns[..., part]
        grads = {"weight": grad_kernels.swapaxes(-1, -2), "bias": grad.sum(axis=-2)}
        return grad_padded[..., left : left + x.shape[-3], :, :], grads

    return y.reshape(*x.shape[:-3], windows, x.shape[-2], bias.shape[-1]), backward
