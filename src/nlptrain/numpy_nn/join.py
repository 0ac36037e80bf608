"""Where branches of a network come together: vectors of a string, one after the other."""

from dataclasses import dataclass

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads
from nlptrain.numpy_nn.layer import Context, Layer, Words


@dataclass(frozen=True)
class Join(Layer):
    """Several vectors per string → one; reads more than one step."""

    words = Words("join", "The vectors of the branches, one after the other.")

    def forward(
        self, x: tuple[Floats, ...], arrays: Arrays, context: Context
    ) -> tuple[Floats, Backward]:
        """Concatenate (…, B, F₁), (…, B, F₂), … → (…, B, F₁ + F₂ + …)."""
        return join(x)


def join(vectors: tuple[Floats, ...]) -> tuple[Floats, Backward]:
    """Concatenate along the last axis; each vector gets its own part of the gradient back."""
    ends = np.cumsum([each.shape[-1] for each in vectors])[:-1]

    def backward(grad_y: Floats) -> tuple[tuple[Floats, ...], Grads]:
        return tuple(np.split(grad_y, ends, axis=-1)), {}

    return np.concatenate(vectors, axis=-1), backward
