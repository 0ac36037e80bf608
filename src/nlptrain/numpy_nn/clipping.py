"""Clipping the gradient: no update is longer than a limit allows."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats


def clip_norm(gradient: Floats, limit: float) -> Floats:
    """Shorten a gradient in place to g · min(1, limit / (‖g‖ + 1e-6)), torch's rule.

    The direction stays, and a gradient of zeros is no division by 0.

    Args:
        gradient: All parameters' numbers (…, P).
        limit: The largest norm.

    Returns:
        The norm before that (…,).
    """
    norm: Floats = np.sqrt(np.vecdot(gradient, gradient))
    gradient *= np.minimum(limit / (norm + 1e-6), 1)[..., None]
    return norm
