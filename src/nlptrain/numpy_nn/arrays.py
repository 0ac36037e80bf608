"""The types of this folder, and its one convention.

A layer is a function `forward(inputs, parameters) -> (output, backward)`, and
`backward(grad_output) -> (grad_input, grads)` with the parameters' gradients by name. What backward
needs it holds itself: no layer keeps anything between two calls.

Time comes first: features are (T, B, F), so that one position of all strings lies in one piece of
memory. Axes are counted from the end, and matrix products broadcast: a leading axis M, networks
side by side each with its own parameters, goes through every layer unchanged.
Networks that see the same batch share its ids, lengths and classes, which then lack the M.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ids = NDArray[np.integer]
Lengths = NDArray[np.int64]
Arrays = Mapping[str, Floats]
"""A layer's own, by name."""
Grads = dict[str, Floats]
Backward = Callable[[Floats], tuple[Floats, Grads]]


def flat_positions(x: Floats) -> Floats:
    """View (…, T, B, F) as (…, T·B, F): what happens at each position alone needs no other axis."""
    return x.reshape(*x.shape[:-3], x.shape[-3] * x.shape[-2], x.shape[-1])


def time_first(x: Floats, axis: int = -3) -> Floats:
    """View (…, T, B, F) as (T, …, B, F), to go through its time steps."""
    return x if x.ndim == -axis else np.moveaxis(x, axis, 0)


def take_positions(x: Floats, positions: Ids) -> Floats:
    """Take each string's features at some positions: (…, T, B, F), (…, N, B) → (…, N, B, F)."""
    return x.reshape(-1, x.shape[-1]).take(flat_rows(positions, x), axis=0)


def flat_rows(positions: Ids, x: Floats) -> Ids:
    """Number the rows of (…, T, B, F) through: (…, N, B) positions → (…, N, B) rows."""
    steps, strings = x.shape[-3:-1]
    rows: Ids = positions * strings + np.arange(strings)
    if x.ndim > 3:
        models = np.arange(x.size // (steps * strings * x.shape[-1]))
        rows = rows + (models * (steps * strings)).reshape(*x.shape[:-3], 1, 1)
    return rows
