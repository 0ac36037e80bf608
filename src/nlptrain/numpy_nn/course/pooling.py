"""Pooling over windows of one, two or more axes of space, channel by channel, without parameters.

A `readout` pools over the whole string instead.
"""

import math

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads
from nlptrain.numpy_nn.course.padding import pad
from nlptrain.numpy_nn.course.windows import Sizes, add_windows, cut_windows


def mean_pool(
    x: Floats, kernel_size: Sizes, *, stride: Sizes, padding: Sizes
) -> tuple[Floats, Backward]:
    """Average each window; each of its K numbers gets 1/K of the gradient.

    As in torch, the zeros of the padding count.

    Args:
        x: Inputs (…, *space).
        kernel_size: Numbers in a window along each axis.
        stride: Steps from one window to the next along each axis.
        padding: Width on both sides of each axis.

    Returns:
        Outputs (…, *windows).
    """
    axes, dilation = len(kernel_size), (1,) * len(kernel_size)
    padded, unpad = pad(x, [(width, width) for width in padding])
    windows = cut_windows(padded, kernel_size, stride, dilation)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        share = np.expand_dims(grad_y / math.prod(kernel_size), tuple(range(-axes, 0)))
        grad_windows = np.broadcast_to(share, windows.shape)
        return unpad(add_windows(grad_windows, padded.shape[-axes:], stride, dilation))

    return windows.mean(axis=tuple(range(-axes, 0))), backward


def max_pool(
    x: Floats, kernel_size: Sizes, *, stride: Sizes, padding: Sizes
) -> tuple[Floats, Backward]:
    """Take each window's largest number, the first among equals, which gets the whole gradient.

    The padding is −∞, which is never the largest if it is at most half a window wide.

    Args:
        x: Inputs (…, *space).
        kernel_size: Numbers in a window along each axis.
        stride: Steps from one window to the next along each axis.
        padding: Width on both sides of each axis.

    Returns:
        Outputs (…, *windows).
    """
    axes, dilation = len(kernel_size), (1,) * len(kernel_size)
    padded, unpad = pad(x, [(width, width) for width in padding], value=-np.inf)
    windows = cut_windows(padded, kernel_size, stride, dilation)
    flat = windows.reshape(*windows.shape[:-axes], -1)
    largest = flat.argmax(axis=-1, keepdims=True)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad_flat = np.zeros(flat.shape, grad_y.dtype)
        np.put_along_axis(grad_flat, largest, grad_y[..., None], axis=-1)
        grad_windows = grad_flat.reshape(windows.shape)
        return unpad(add_windows(grad_windows, padded.shape[-axes:], stride, dilation))

    return np.take_along_axis(flat, largest, axis=-1)[..., 0], backward
