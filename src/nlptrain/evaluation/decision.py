"""From logits to probabilities to the class: the same rule for evaluation and prediction."""

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.activation import sigmoid, softmax

Floats = NDArray[np.floating]

_BLOCK = 2**20
"""Numbers in a block: a few megabytes."""


def apply_temperature(logits: Floats, temperature: float) -> Floats:
    """Divide logits by the temperature from calibration; 1 leaves them unchanged."""
    return logits if temperature == 1 else logits / temperature


def compute_probabilities(logits: Floats) -> Floats:
    """Turn logits into the probability of each class, in the same precision.

    Args:
        logits: One per string, for class 1 of two (N, 1), or one per class (N, C).

    Returns:
        Probabilities: (N, 2) or (N, C).
    """
    if logits.shape[1] > 1:
        return softmax(logits)
    positive = sigmoid(logits)
    return np.concatenate([1 - positive, positive], axis=1)


def choose_classes(logits: Floats, threshold: float = 0.5) -> NDArray[np.int64]:
    """Decide the class of each string.

    Args:
        logits: One per string, for class 1 of two (N, 1), or one per class (N, C).
        threshold: With one logit, the probability at or above which the class is 1; with several,
            the most likely class is chosen, the first among equals.

    Returns:
        Class indices: (N,).
    """
    if logits.shape[1] > 1:
        blocks = [compute_probabilities(logits[rows]).argmax(axis=1) for rows in row_blocks(logits)]
        return np.concatenate([np.empty(0, np.int64), *blocks])
    return np.where(compute_probabilities(logits)[:, 1] >= threshold, 1, 0)


def row_blocks(logits: Floats) -> list[slice]:
    """Split the strings into blocks, so that intermediate results stay small with many classes.

    Args:
        logits: (N, 1) or (N, C), N at least 1.
    """
    rows = max(_BLOCK // logits.shape[1], 1)
    return [slice(first, first + rows) for first in range(0, len(logits), rows)]
