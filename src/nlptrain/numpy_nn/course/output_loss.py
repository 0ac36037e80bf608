"""Losses computed directly from a network's outputs; those in `loss` start from logits.

After log-softmax, nll is the cross-entropy.
"""

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import Floats


def mean_squared_error(outputs: Floats, truth: Floats) -> tuple[Floats, Floats]:
    """Compute Σ (a − y)² / n over all n numbers of a batch; its gradient is 2 (a − y) / n.

    Args:
        outputs: a (…, B, O).
        truth: y (…, B, O).

    Returns:
        The loss (…,), and its gradient for the outputs.
    """
    error = outputs - truth.astype(outputs.dtype, copy=False)
    share = 1 / (error.shape[-1] * error.shape[-2])
    return (error * error).sum(axis=(-2, -1)) * share, 2 * share * error


def nll(
    log_probabilities: Floats, classes: NDArray[np.int64], class_weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Compute the negative log-likelihood, −Σ wᵢ log p(yᵢ) / Σ wᵢ, and its gradient.

    Args:
        log_probabilities: (…, B, C).
        classes: Class indices y (…, B).
        class_weights: w by class (C,); None: all are 1.

    Returns:
        The loss (…,), and its gradient for the log-probabilities.
    """
    if class_weights is None:
        class_weights = np.ones(log_probabilities.shape[-1])
    weights = class_weights.astype(log_probabilities.dtype)[classes]
    share, place = weights / weights.sum(axis=-1, keepdims=True), classes[..., None]
    chosen = np.take_along_axis(log_probabilities, place, axis=-1)[..., 0]
    grad = np.zeros_like(log_probabilities)
    np.put_along_axis(grad, place, -share[..., None], axis=-1)
    return -(share * chosen).sum(axis=-1), grad
