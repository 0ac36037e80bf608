"""Padding around an array: what a window contains beyond the edge."""

from collections.abc import Sequence
from types import EllipsisType
from typing import Literal

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads

# NumPy's names for torch's modes.
_MODES: dict[str, Literal["reflect", "edge", "wrap"]] = {
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}


def pad(
    x: Floats, widths: Sequence[tuple[int, int]], mode: str = "zeros", value: float = 0.0
) -> tuple[Floats, Backward]:
    """Pad the last axes of an array.

    1 2 3, padded by two on each side: zeros 0 0 1 2 3 0 0; replicate 1 1 1 2 3 3 3; reflect, which
    does not repeat the edge, 3 2 1 2 3 2 1; circular 2 3 1 2 3 1 2. The gradients of a number's
    copies add up. Padding wider than the array continues the pattern; torch refuses that.

    Args:
        x: (…, *space).
        widths: (before, after) of each of the last axes.
        mode: zeros, reflect, replicate or circular.
        value: Used instead of 0 in mode zeros.

    Returns:
        The padded array, and backward.
    """
    if not any(map(any, widths)):
        return x, lambda grad_y: (grad_y, {})
    if mode == "zeros":
        return _pad_with_value(x, widths, value)
    first_axis = x.ndim - len(widths)
    y, steps = x, []
    for axis, width in enumerate(widths, start=first_axis):
        # Padding the positions instead of the numbers shows what each is a copy of.
        source = np.pad(np.arange(x.shape[axis]), width, mode=_MODES[mode])
        y = np.take(y, source, axis=axis)
        steps.append((axis, source, x.shape[axis]))

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        for axis, source, size in reversed(steps):
            copies = np.moveaxis(grad_y, axis, 0)
            grad = np.zeros((size, *copies.shape[1:]), grad_y.dtype)
            np.add.at(grad, source, copies)
            grad_y = np.moveaxis(grad, 0, axis)
        return grad_y, {}

    return y, backward


def _pad_with_value(
    x: Floats, widths: Sequence[tuple[int, int]], value: float
) -> tuple[Floats, Backward]:
    leading = [(0, 0)] * (x.ndim - len(widths))
    y = np.pad(x, [*leading, *widths], constant_values=value)
    space = x.shape[x.ndim - len(widths) :]
    inner: tuple[EllipsisType | slice, ...] = (
        ...,
        *(slice(left, left + size) for (left, _), size in zip(widths, space, strict=True)),
    )
    return y, lambda grad_y: (grad_y[inner], {})
