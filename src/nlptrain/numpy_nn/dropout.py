"""Dropout masks as a function of where they are used: nothing to restore after an interruption."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats


def dropout_mask(
    shape: tuple[int, ...], probability: float, *, seed: int, step: int, dtype: str
) -> Floats:
    """Draw a mask: zero with the probability p, else 1 / (1 − p).

    Args:
        shape: Shape of what is dropped.
        probability: p, at least 0 and below 1.
        seed: The run's seed.
        step: The update that uses it, from 0.
        dtype: The network's float type.
    """
    kept = np.random.default_rng((seed, step, _PLACE)).random(shape) >= probability
    mask: Floats = kept.astype(dtype)
    mask /= 1 - probability
    return mask


_PLACE = 0xD509
"""Keeps these draws apart from others made of the same seed and step."""
