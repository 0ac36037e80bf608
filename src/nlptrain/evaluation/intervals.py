"""Confidence intervals of a proportion."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z_95 = 1.959963984540054
"""Standard deviations on each side of a 95 % confidence interval."""


def wilson(
    right: ArrayLike, examples: ArrayLike, z: float = Z_95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute Wilson's score interval of a proportion (Wilson 1927), which stays within 0 and 1.

    (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), with p = right / n. Without examples it is
    0 to 1.

    Args:
        right: Strings counted: (…,).
        examples: All strings, n: (…,).
        z: Standard deviations on each side.

    Returns:
        The lower and the upper end: (…,) each.
    """
    n = np.asarray(examples, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.asarray(right, np.float64) / n
        middle = p + z**2 / (2 * n)
        half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        low, high = ((middle + sign * half) / (1 + z**2 / n) for sign in (-1, 1))
    is_empty = n == 0
    return np.where(is_empty, 0.0, np.clip(low, 0, 1)), np.where(is_empty, 1.0, np.clip(high, 0, 1))
