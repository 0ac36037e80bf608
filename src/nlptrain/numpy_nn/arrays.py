"""The types of this folder, and its one convention.

A layer is a function `forward(inputs, parameters) -> (output, backward)`, and
`backward(grad_output) -> (grad_input, grads)` with the parameters' gradients by name. Backward is
a closure over what it needs: no layer keeps anything between two calls.

Time comes first: features are (T, B, F), so that one position of all strings is contiguous in
memory. Axes are counted from the end, and matrix products broadcast: a leading axis M, networks
side by side each with its own parameters, passes through every layer.
Networks that see the same batch share its ids, lengths and classes, which then have no axis M.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ids = NDArray[np.integer]
Lengths = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]
"""A layer's own arrays, by name."""
Grads = dict[str, Any]
"""Gradients by name: of the array's shape, or a `RowGradient`."""
Backward = Callable[[Floats], tuple[Any, Grads]]
"""From the output's gradient to the input's, one for each input if there are several, and the
parameters'."""


def flat_positions(x: Floats) -> Floats:
    """View (…, T, B, F) as (…, T·B, F), for what happens at each position separately."""
    return x.reshape(*x.shape[:-3], x.shape[-3] * x.shape[-2], x.shape[-1])


def time_first(x: Floats) -> Floats:
    """View (…, T, B, F) as (T, …, B, F), to iterate over its time steps."""
    return x if x.ndim == 3 else np.moveaxis(x, -3, 0)


def time_third(x: Floats) -> Floats:
    """Put (T, …, B, F) in the order (…, T, B, F): undo `time_first`.

    A copy where networks stand side by side: NumPy adds in the order of memory, and each of them
    is to have the sums that it has alone.
    """
    return x if x.ndim == 3 else np.ascontiguousarray(np.moveaxis(x, 0, -3))


def take_positions(x: Floats, positions: Ids) -> Floats:
    """Take each string's features at some positions: (…, T, B, F), (…, N, B) → (…, N, B, F)."""
    return x.reshape(-1, x.shape[-1]).take(flat_rows(positions, x), axis=0)


def flat_rows(positions: Ids, x: Floats) -> Ids:
    """Convert positions (…, N, B) to row numbers (…, N, B) in the flattened (…, T, B, F)."""
    steps, strings = x.shape[-3:-1]
    rows: Ids = positions * strings + np.arange(strings)
    if x.ndim > 3:
        models = np.arange(x.size // (steps * strings * x.shape[-1]))
        rows = rows + (models * (steps * strings)).reshape(*x.shape[:-3], 1, 1)
    return rows


def below(arrays: Arrays, start: str) -> dict[str, Floats]:
    """Pick the arrays whose names begin like that, and leave the beginning out."""
    return {
        name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)
    }
