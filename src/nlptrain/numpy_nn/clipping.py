"""Gradient clipping."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats


def clip_norm(gradient: Floats, limit: float, *others: Floats) -> Floats:
    """Scale a gradient in place to g · min(1, limit / (‖g‖ + 1e-6)), as torch does.

    Args:
        gradient: Of all parameters (…, P); it may be 0.
        limit: The largest norm allowed.
        others: More parts of the same gradient, scaled with it.

    Returns:
        The norm before clipping (…,).
    """
    parts = gradient, *others
    norm: Floats = np.sqrt(sum(np.vecdot(part, part) for part in parts))
    factor = np.minimum(limit / (norm + 1e-6), 1)[..., None]
    for part in parts:
        np.multiply(part, factor, out=part)
    return norm
