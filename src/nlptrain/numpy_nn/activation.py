"""The functions between layers, with their derivatives, and those of the last layer."""

from collections.abc import Callable

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats


def sigmoid(x: Floats) -> Floats:
    """Compute σ(x) = 1 / (1 + e⁻ˣ) elementwise, as (1 + tanh(x/2)) / 2, which cannot overflow."""
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


def sigmoid_layer(x: Floats) -> tuple[Floats, Backward]:
    """Apply y = σ(x); dy/dx = y (1 − y)."""
    y = sigmoid(x)
    return y, lambda grad_y: (grad_y * y * (1 - y), {})


def tanh_layer(x: Floats) -> tuple[Floats, Backward]:
    """Apply y = tanh(x); dy/dx = 1 − y²."""
    y = np.tanh(x)
    return y, lambda grad_y: (grad_y * (1 - y * y), {})


def relu_layer(x: Floats) -> tuple[Floats, Backward]:
    """Apply y = max(x, 0); dy/dx = 1 where x > 0, else 0."""
    y = relu(x)
    return y, lambda grad_y: (grad_y * (x > 0), {})


def identity_layer(x: Floats) -> tuple[Floats, Backward]:
    """Apply y = x."""
    return x, lambda grad_y: (grad_y, {})


ACTIVATIONS: dict[str, Callable[[Floats], tuple[Floats, Backward]]] = {
    "none": identity_layer,
    "sigmoid": sigmoid_layer,
    "tanh": tanh_layer,
    "relu": relu_layer,
}
