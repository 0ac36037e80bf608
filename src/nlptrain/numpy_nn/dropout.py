"""Dropout, with masks that depend on the step alone, so there is nothing to restore."""

from dataclasses import dataclass

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats
from nlptrain.numpy_nn.layer import Context, Layer


@dataclass(frozen=True)
class Dropout(Layer):
    """Sets some of the read-out features to 0, in training."""

    probability: float

    @property
    def label(self) -> str:
        """The probability."""
        return f"{self.probability:g}"

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Apply `dropout_layer`."""
        return dropout_layer(x, context.dropout)


def dropout_mask(
    shape: tuple[int, ...], probability: float, *, seed: int, step: int, dtype: str
) -> Floats:
    """Draw a mask: 0 with probability p, else 1 / (1 − p).

    Args:
        shape: Of the mask.
        probability: p, at least 0 and below 1.
        seed: The run's seed.
        step: The update that uses it, from 0.
        dtype: The network's float type.
    """
    kept = np.random.default_rng((seed, step, _PLACE)).random(shape) >= probability
    mask: Floats = kept.astype(dtype)
    mask /= 1 - probability
    return mask


def dropout_layer(x: Floats, mask: Floats | None) -> tuple[Floats, Backward]:
    """Apply y = x ∘ mask in training; in evaluation, without a mask, y = x.

    Args:
        x: Any shape.
        mask: 0 where x is dropped, else 1 / (1 − p), so that the expected value is unchanged; from
            `dropout_mask`.
    """
    if mask is None:
        return x, lambda grad_y: (grad_y, {})
    return x * mask, lambda grad_y: (grad_y * mask, {})


_PLACE = 0xD509
"""Separates these draws from others with the same seed and step."""
