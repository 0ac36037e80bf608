"""Activation functions with their derivatives, and the softmax of the last layer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, assert_never, get_args

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats
from nlptrain.numpy_nn.layer import Context, Layer, Words
from nlptrain.settings import kinds


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
    """Compute x − log Σ eˣ over the last axis, with the largest x subtracted first."""
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


class Elementwise(NamedTuple):
    """An elementwise function.

    Attributes:
        forward: The function and its backward.
        words: A description in plain words.
        formula: The same in LaTeX.
        is_nondecreasing: Whether the function never falls, so that the largest of several numbers
            stays the largest.
    """

    forward: Callable[[Floats], tuple[Floats, Backward]]
    words: str
    formula: str
    is_nondecreasing: bool


def _declare(kind: kinds.Activation) -> Elementwise:
    match kind:
        case "sigmoid":
            return Elementwise(
                sigmoid_layer,
                "1 / (1 + e^-x) of each number.",
                r"y = \frac{1}{1 + e^{-x}}",
                is_nondecreasing=True,
            )
        case "tanh":
            words = "tanh of each number."
            return Elementwise(tanh_layer, words, r"y = \tanh(x)", is_nondecreasing=True)
        case "relu":
            words = "max(x, 0) of each number."
            return Elementwise(relu_layer, words, r"y = \max(x, 0)", is_nondecreasing=True)
        case _:
            assert_never(kind)


ACTIVATIONS: dict[str, Elementwise] = {kind: _declare(kind) for kind in get_args(kinds.Activation)}


@dataclass(frozen=True)
class Activation(Layer):
    """An elementwise function between two layers."""

    kind: kinds.Activation

    @property
    def label(self) -> str:
        """The function's name."""
        return self.kind

    @property
    def words(self) -> Words:
        """The function in plain words."""
        declared = ACTIVATIONS[self.kind]
        return Words(f"activation: {self.kind}", declared.words, formula=declared.formula)

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Apply the function."""
        return ACTIVATIONS[self.kind].forward(x)
