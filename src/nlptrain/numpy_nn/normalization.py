"""Batch, layer and instance normalization: (x − mean) / √(var + ε) · γ + β; pads count nowhere.

They differ in what the mean and the variance (biased) run over: batch, for each feature all real
positions of all strings; layer, for each position its features; instance, for each string and
feature its real positions.
"""

import numpy as np

from nlptrain.numpy_nn.activation import Floats
from nlptrain.numpy_nn.readout import Lengths, real_positions

EPSILON = 1e-5


def batch_norm(
    x: Floats, weight: Floats, bias: Floats, running_mean: Floats, running_var: Floats
) -> Floats:
    """Normalize each feature with training's running statistics (evaluation mode).

    Args:
        x: Features (B, T, F).
        weight: γ (F,).
        bias: β (F,).
        running_mean: (F,).
        running_var: (F,).
    """
    result: Floats = (x - running_mean) / np.sqrt(running_var + EPSILON) * weight + bias
    return result


def layer_norm(x: Floats, weight: Floats, bias: Floats) -> Floats:
    """Normalize each position over its features: (B, T, F), with γ and β (F,)."""
    centered = x - x.mean(axis=-1, keepdims=True)
    variance = (centered**2).mean(axis=-1, keepdims=True)
    result: Floats = centered / np.sqrt(variance + EPSILON) * weight + bias
    return result


def instance_norm(x: Floats, weight: Floats, bias: Floats, lengths: Lengths) -> Floats:
    """Normalize each string's feature over its real positions: (B, T, F), with γ and β (F,)."""
    real = real_positions(lengths, x.shape[1])[:, :, None]
    count = np.maximum(lengths, 1).astype(x.dtype)[:, None, None]
    # Not products: what stands at pads may be infinite.
    mean = np.where(real, x, 0).sum(axis=1, keepdims=True) / count
    centered = np.where(real, x - mean, 0)
    variance = (centered**2).sum(axis=1, keepdims=True) / count
    result: Floats = centered / np.sqrt(variance + EPSILON) * weight + bias
    return result
