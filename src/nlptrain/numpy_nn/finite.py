"""Whether a gradient is finite, at the cost of one product.

A NaN or infinity never disappears in a sum of squares. Finite numbers whose squares overflow are
rare enough to be checked one by one.
"""

import math

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import Floats


def is_finite(vector: Floats) -> bool:
    """Return whether a vector (P,) is finite."""
    return math.isfinite(vector.dot(vector)) or bool(np.isfinite(vector).all())


def are_finite(vectors: Floats) -> NDArray[np.bool]:
    """Return whether each of several vectors (M, P) is finite: (M,)."""
    if np.isfinite(np.vecdot(vectors, vectors)).all():
        return np.ones(len(vectors), np.bool)
    return np.asarray(np.isfinite(vectors).all(axis=-1))
