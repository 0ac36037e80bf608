"""From features at every position to one vector a string, over the real positions only."""

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.activation import Floats

Lengths = NDArray[np.int64]


def real_positions(lengths: Lengths, positions: int) -> NDArray[np.bool_]:
    """Mark the positions that are not padding: (B,) → (B, T)."""
    real: NDArray[np.bool_] = np.arange(positions) < lengths[:, None]
    return real


def mean(features: Floats, lengths: Lengths) -> Floats:
    """Average over the real positions: (B, T, F) → (B, F); an empty string gives zeros."""
    real = real_positions(lengths, features.shape[1])
    # Not a product: what stands at pads may be infinite.
    total: Floats = np.where(real[:, :, None], features, 0).sum(axis=1)
    total /= np.maximum(lengths, 1).astype(features.dtype)[:, None]
    return total


def maximum(features: Floats, lengths: Lengths) -> Floats:
    """Take the largest over the real positions: (B, T, F) → (B, F); empty gives zeros."""
    real = real_positions(lengths, features.shape[1])
    largest = np.where(real[:, :, None], features, -np.inf).max(axis=1)
    return np.where(lengths[:, None] > 0, largest, 0).astype(features.dtype, copy=False)


def last(features: Floats, lengths: Lengths, reverse_from: int | None = None) -> Floats:
    """Take the features where reading ended: (B, T, F) → (B, F); empty gives zeros.

    Reading forward ends at the last real position, reading backward at the first.

    Args:
        features: (B, T, F).
        lengths: Real positions of each string (B,).
        reverse_from: The first feature that was read backward; None where there is none.
    """
    rows = np.arange(len(features))
    result = features[rows, np.maximum(lengths - 1, 0)]
    if reverse_from is not None:
        result[:, reverse_from:] = features[:, 0, reverse_from:]
    return np.where(lengths[:, None] > 0, result, 0).astype(features.dtype, copy=False)
