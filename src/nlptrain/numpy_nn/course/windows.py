"""Windows over the last axes of an array, as convolution and pooling use them."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nlptrain.numpy_nn.arrays import Floats

Sizes = tuple[int, ...]
"""One number per axis of space: time, or height and width, or more."""


def cut_windows(x: Floats, kernel_size: Sizes, stride: Sizes, dilation: Sizes) -> Floats:
    """View every window of an array, without copying.

    An axis of n numbers has ⌊(n − d (k − 1) − 1) / s⌋ + 1 windows of size k at stride s and
    dilation d.

    Args:
        x: (…, *space).
        kernel_size: Numbers in a window along each axis.
        stride: Steps from one window to the next.
        dilation: Steps from one number of a window to the next.

    Returns:
        (…, *windows, *kernel_size), read-only.

    Raises:
        ValueError: There is no room for a window.
    """
    axes = len(kernel_size)
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel_size, dilation, strict=True))
    view = sliding_window_view(x, reach, axis=tuple(range(-axes, 0)))
    steps: tuple[Any, ...] = tuple(slice(None, None, step) for step in (*stride, *dilation))
    windows: Floats = view[(..., *steps)]
    return windows


def add_windows(windows: Floats, space: Sizes, stride: Sizes, dilation: Sizes) -> Floats:
    """Add windows back to where they were cut, summing overlaps: the transpose of `cut_windows`.

    Args:
        windows: (…, *windows, *kernel_size).
        space: Sizes of the array that they were cut from.
        stride: As in `cut_windows`.
        dilation: As in `cut_windows`.

    Returns:
        (…, *space).
    """
    axes = len(space)
    counts, kernel_size = windows.shape[-2 * axes : -axes], windows.shape[-axes:]
    x = np.zeros((*windows.shape[: -2 * axes], *space), windows.dtype)
    for tap in np.ndindex(kernel_size):
        place: tuple[Any, ...] = tuple(
            slice(k * d, k * d + (count - 1) * s + 1, s)
            for k, d, count, s in zip(tap, dilation, counts, stride, strict=True)
        )
        x[(..., *place)] += windows[(..., *tap)]
    return x
