"""From logits to probabilities and to the class: one rule for evaluating and predicting."""

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.activation import sigmoid, softmax

Floats = NDArray[np.floating]


def apply_temperature(logits: Floats, temperature: float) -> Floats:
    """Divide logits by the temperature that calibration found; by 1 they stay as they are."""
    return logits if temperature == 1 else logits / temperature


def compute_probabilities(logits: Floats) -> Floats:
    """Turn logits into the probability of each class, in the same precision.

    Args:
        logits: One logit a string, for class 1 of two (N, 1), or one for each class (N, C).

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
        logits: One logit a string, for class 1 of two (N, 1), or one for each class (N, C).
        threshold: With one logit, the probability from which on the class is 1; with several the
            likeliest class is taken, the first of equals.

    Returns:
        Class indices: (N,).
    """
    probabilities = compute_probabilities(logits)
    if logits.shape[1] > 1:
        likeliest: NDArray[np.int64] = probabilities.argmax(axis=1)
        return likeliest
    return np.where(probabilities[:, 1] >= threshold, 1, 0)
