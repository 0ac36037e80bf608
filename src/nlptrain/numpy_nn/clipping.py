"""Gradient clipping."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats


def clip_norm(gradient: Floats, limit: float) -> Floats:
    """Scale a gradient in place to g · min(1, limit / (‖g‖ + 1e-6)), as torch does.

    Args:
        gradient: Of all parameters (…, P); it may be 0.
        limit: The largest norm allowed.

    Returns:
        The norm before clipping (…,).
    """
    norm: Floats = np.sqrt(np.vecdot(gradient, gradient))
    gradient *= np.minimum(limit / (norm + 1e-6), 1)[..., None]
    return norm
