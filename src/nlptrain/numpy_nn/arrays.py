"""The types of this folder, and its one convention.

A layer is a function `forward(inputs, parameters) -> (output, backward)`, and
`backward(grad_output) -> (grad_input, grads)` with the parameters' gradients by name. What backward
needs it holds itself: no layer keeps anything between two calls.

Time comes first: features are (T, B, F), so that one position of all strings lies in one piece of
memory. Axes are counted from the end, and matrix products broadcast: a leading axis M, networks side by
side each with its own parameters, goes through every layer unchanged.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ids = NDArray[np.integer]
Lengths = NDArray[np.int64]
Grads = dict[str, Floats]
Backward = Callable[[Floats], tuple[Floats, Grads]]


def flat_positions(x: Floats) -> Floats:
    """View (…, T, B, F) as (…, T·B, F): what happens at each position alone needs no other axis."""
    return x.reshape(*x.shape[:-3], x.shape[-3] * x.shape[-2], x.shape[-1])
