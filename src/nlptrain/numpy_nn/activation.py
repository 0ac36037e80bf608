"""The functions between layers, and those that turn logits into probabilities."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def sigmoid(x: Floats) -> Floats:
    """Compute 1 / (1 + e⁻ˣ) elementwise, as (1 + tanh(x/2)) / 2, which cannot overflow."""
    half: Floats = np.tanh(x * 0.5)
    half *= 0.5
    half += 0.5
    return half


def relu(x: Floats) -> Floats:
    """Compute max(x, 0) elementwise."""
    return np.maximum(x, 0)


def log_softmax(x: Floats) -> Floats:
    """Compute x − log Σ eˣ over the last axis, with the largest x taken out first."""
    shifted = x - x.max(axis=-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def softmax(x: Floats) -> Floats:
    """Compute eˣ / Σ eˣ over the last axis."""
    return np.exp(log_softmax(x))


def identity(x: Floats) -> Floats:
    """Return x."""
    return x


ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "none": identity,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": relu,
}
