"""From features at every position to one vector a string, over the real positions only."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, Lengths


def real_positions(lengths: Lengths, positions: int) -> NDArray[np.bool_]:
    """Mark the positions that are not padding: (…, B) → (…, T, B, 1)."""
    real: NDArray[np.bool_] = np.arange(positions)[:, None] < lengths[..., None, :]
    return real[..., None]


def mean(features: Floats, lengths: Lengths) -> tuple[Floats, Backward]:
    """Average over the real positions: (…, T, B, F) → (…, B, F); an empty string gives zeros."""
    real = real_positions(lengths, features.shape[-3])
    share = (1 / np.maximum(lengths, 1)).astype(features.dtype)[..., None]
    # Not a product: what stands at pads may be infinite.
    y = np.where(real, features, 0).sum(axis=-3) * share

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        return (grad_y * share)[..., None, :, :] * real, {}

    return y, backward


def maximum(features: Floats, lengths: Lengths) -> tuple[Floats, Backward]:
    """Take the largest over the real positions: (…, T, B, F) → (…, B, F); empty gives zeros.

    Positions that share the largest value share its gradient, as in torch's amax.
    """
    real = real_positions(lengths, features.shape[-3])
    largest = np.where(real, features, -np.inf).max(axis=-3)
    y = np.where(lengths[..., None] > 0, largest, 0).astype(features.dtype, copy=False)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        chosen = (features == y[..., None, :, :]) & real
        share = grad_y / np.maximum(chosen.sum(axis=-3), 1).astype(grad_y.dtype)
        return chosen * share[..., None, :, :], {}

    return y, backward


def last(
    features: Floats, lengths: Lengths, reverse_from: int | None = None
) -> tuple[Floats, Backward]:
    """Take the features where reading ended: (…, T, B, F) → (…, B, F); empty gives zeros.

    Reading forward ends at the last real position, reading backward at the first.

    Args:
        features: (…, T, B, F).
        lengths: Real positions of each string (…, B).
        reverse_from: The first feature that was read backward; None where there is none.
    """
    forward = slice(0, reverse_from)
    place = np.maximum(lengths - 1, 0)[..., None, :, None]
    is_real = (lengths > 0)[..., None]
    y = np.take_along_axis(features, place, axis=-3)[..., 0, :, :]
    if reverse_from is not None:
        y[..., reverse_from:] = features[..., 0, :, reverse_from:]
    y = np.where(is_real, y, 0).astype(features.dtype, copy=False)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad = np.where(is_real, grad_y, 0).astype(features.dtype, copy=False)
        grad_features = np.zeros_like(features)
        np.put_along_axis(grad_features[..., forward], place, grad[..., None, :, forward], axis=-3)
        if reverse_from is not None:
            grad_features[..., 0, :, reverse_from:] = grad[..., reverse_from:]
        return grad_features, {}

    return y, backward


READOUTS: dict[str, Callable[[Floats, Lengths], tuple[Floats, Backward]]] = {
    "mean": mean,
    "max": maximum,
    "last": last,
}
