"""Convolution over one, two or more axes of space, with all that torch's layers take.

The network's own `convolution.conv1d` is the fast special case: one axis, time first, zeros around.
"""

import math

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads
from nlptrain.numpy_nn.convolution import padding_widths
from nlptrain.numpy_nn.course.padding import pad
from nlptrain.numpy_nn.course.windows import Sizes, add_windows, cut_windows


def convolution(
    x: Floats,
    weight: Floats,
    bias: Floats | None = None,
    *,
    stride: Sizes,
    dilation: Sizes,
    padding: Sizes | str = "valid",
    padding_mode: str = "zeros",
    groups: int = 1,
) -> tuple[Floats, Backward]:
    """Compute y[o, p] = Σ_{i, k} W[o, i, k] x[i, s·p + d·k − padding] + b[o].

    A cross-correlation, as in every deep-learning library; p and k are positions in space, and
    each output channel sums over the input channels of its group. With windows laid out as rows it
    is one matrix product per group, Y = X Wᵀ; so dL/dW = (dL/dY)ᵀ X, and dL/dX = dL/dY W is added
    back to where the windows were cut.

    Args:
        x: Inputs (…, B, I, *space).
        weight: W (…, O, I / groups, *kernel).
        bias: b (…, O), or None.
        stride: s of each axis of space.
        dilation: d of each axis.
        padding: Width on both sides of each axis; "valid" for none, "same" for as many outputs as
            inputs at stride 1.
        padding_mode: zeros, reflect, replicate or circular.
        groups: Groups of channels, each convolved separately.

    Returns:
        Outputs (…, B, O, *windows).

    Raises:
        ValueError: There is no room for a window, or the groups do not divide the channels.
    """
    axes = len(stride)
    kernel_size = weight.shape[-axes:]
    padded, unpad = pad(x, _widths(padding, kernel_size, dilation), padding_mode)
    windows = cut_windows(padded, kernel_size, stride, dilation)
    rows = _to_rows(windows, axes, groups)
    kernels = weight.reshape(*weight.shape[: -2 - axes], groups, -1, rows.shape[-1])
    batch, places = windows.shape[-2 - 2 * axes], windows.shape[-2 * axes : -axes]
    y = _from_rows(rows @ kernels.mT, batch, places)
    if bias is not None:
        y += bias.reshape(*bias.shape[:-1], 1, bias.shape[-1], *(1,) * axes)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad_rows = _to_rows(np.expand_dims(grad_y, tuple(range(-axes, 0))), axes, groups)
        grads: Grads = {"weight": (grad_rows.mT @ rows).reshape(weight.shape)}
        if bias is not None:
            grads["bias"] = grad_y.sum(axis=(-2 - axes, *range(-axes, 0)))
        grad_windows = _from_rows(grad_rows @ kernels, batch, places, kernel_size)
        grad_padded = add_windows(grad_windows, padded.shape[-axes:], stride, dilation)
        return unpad(grad_padded)[0], grads

    return y, backward


def _widths(padding: Sizes | str, kernel_size: Sizes, dilation: Sizes) -> list[tuple[int, int]]:
    if isinstance(padding, str):
        return [padding_widths(k, d, padding) for k, d in zip(kernel_size, dilation, strict=True)]
    return [(width, width) for width in padding]


def _to_rows(windows: Floats, axes: int, groups: int) -> Floats:
    """Lay windows out as rows: (…, B, C, *places, *kernel) → (…, groups, B · P, C / groups · K)."""
    leading, batch = windows.shape[: -2 - 2 * axes], windows.shape[-2 - 2 * axes]
    places, taps = (
        math.prod(windows.shape[-2 * axes : -axes]),
        math.prod(windows.shape[-axes:]),
    )
    parts = windows.reshape(*leading, batch, groups, -1, places, taps)
    rows = np.moveaxis(parts, (-5, -2, -3), (-4, -3, -2))
    return rows.reshape(*leading, groups, batch * places, -1)


def _from_rows(rows: Floats, batch: int, places: Sizes, kernel_size: Sizes = ()) -> Floats:
    """Undo `_to_rows`: (…, groups, B · P, C / groups · K) → (…, B, C, *places, *kernel)."""
    leading, groups, taps = rows.shape[:-3], rows.shape[-3], math.prod(kernel_size)
    parts = rows.reshape(*leading, groups, batch, math.prod(places), -1, taps)
    channels = np.moveaxis(parts, (-4, -3, -2), (-5, -2, -3))
    return channels.reshape(*leading, batch, groups * parts.shape[-2], *places, *kernel_size)
