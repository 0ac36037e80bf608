"""Softmax and log-softmax over the classes, as separate layers.

The losses in `loss` start from logits and need neither: a softmax before a loss that includes it
is a mistake.
"""

import numpy as np

from nlptrain.numpy_nn.activation import log_softmax, softmax
from nlptrain.numpy_nn.arrays import Backward, Floats, Grads


def softmax_layer(x: Floats) -> tuple[Floats, Backward]:
    """Apply y = eˣ / Σ eˣ over the last axis; dL/dx = y ∘ (dL/dy − Σ (y ∘ dL/dy))."""
    y = softmax(x)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        return y * (grad_y - (y * grad_y).sum(axis=-1, keepdims=True)), {}

    return y, backward


def log_softmax_layer(x: Floats) -> tuple[Floats, Backward]:
    """Apply y = x − log Σ eˣ over the last axis; dL/dx = dL/dy − eʸ Σ dL/dy."""
    y = log_softmax(x)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        return grad_y - np.exp(y) * grad_y.sum(axis=-1, keepdims=True), {}

    return y, backward
