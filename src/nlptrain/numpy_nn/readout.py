"""From features at every position to one vector a string, over the real positions only."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import (
    Backward,
    Floats,
    Grads,
    Lengths,
    flat_rows,
)


def real_positions(lengths: Lengths, positions: int) -> NDArray[np.bool_] | None:
    """Mark the positions that are not padding: (…, B) → (…, T, B, 1); None where none is.

    Batches hold strings of like length, so there is often nothing to mask.
    """
    if lengths.min() >= positions:
        return None
    real: NDArray[np.bool_] = np.arange(positions)[:, None] < lengths[..., None, :]
    return real[..., None]


def mean(features: Floats, lengths: Lengths) -> tuple[Floats, Backward]:
    """Average over the real positions: (…, T, B, F) → (…, B, F); an empty string gives zeros."""
    real = real_positions(lengths, features.shape[-3])
    share = (1 / np.maximum(lengths, 1)).astype(features.dtype)[..., None]
    # Not a product: what stands at pads may be infinite.
    y = (features if real is None else np.where(real, features, 0)).sum(axis=-3)
    y *= share

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        each = (grad_y * share)[..., None, :, :]
        return np.broadcast_to(each, features.shape) if real is None else each * real, {}

    return y, backward


def maximum(features: Floats, lengths: Lengths) -> tuple[Floats, Backward]:
    """Take the largest over the real positions: (…, T, B, F) → (…, B, F); empty gives zeros.

    Positions that share the largest value share its gradient, as in torch's amax.
    """
    real = real_positions(lengths, features.shape[-3])
    if real is None:
        y = features.max(axis=-3)
    else:
        largest = np.where(real, features, -np.inf).max(axis=-3)
        y = np.where(lengths[..., None] > 0, largest, 0).astype(features.dtype, copy=False)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        is_largest = features == y[..., None, :, :]
        if real is not None:
            is_largest &= real
        chosen = is_largest.astype(grad_y.dtype)
        chosen *= (grad_y / np.maximum(chosen.sum(axis=-3), 1))[..., None, :, :]
        return chosen, {}

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
    rows = flat_rows(np.maximum(lengths - 1, 0)[..., None, :], features)[..., 0, :]
    is_empty = (lengths == 0)[..., None]
    y = features.reshape(-1, features.shape[-1]).take(rows, axis=0)
    if reverse_from is not None:
        y[..., reverse_from:] = features[..., 0, :, reverse_from:]
    np.copyto(y, 0, where=is_empty)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad = grad_y.copy()
        np.copyto(grad, 0, where=is_empty)
        grad_features = np.zeros(features.shape, features.dtype)
        flat = grad_features.reshape(-1, features.shape[-1])
        if reverse_from is None:
            flat[rows] = grad
        else:
            flat[rows, :reverse_from] = grad[..., :reverse_from]
            grad_features[..., 0, :, reverse_from:] = grad[..., reverse_from:]
        return grad_features, {}

    return y, backward


READOUTS: dict[str, Callable[[Floats, Lengths], tuple[Floats, Backward]]] = {
    "mean": mean,
    "max": maximum,
    "last": last,
}
