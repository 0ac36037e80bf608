"""The losses, from logits; each includes its own sigmoid or softmax, and returns its gradient.

The mean is over the strings; with class weights w it is Σ wᵢ lᵢ / Σ wᵢ, as in torch's
cross-entropy. Weights of single strings s multiply what a string adds to it, Σ sᵢ wᵢ lᵢ / Σ wᵢ, and
have the mean 1 over all training strings. Divided by those of the batch instead, they would do
nothing in a batch of one string.

Label smoothing (Szegedy et al. 2016, section 7) spreads a share ε of each string's label evenly
over the C classes: its own has 1 − ε + ε / C in place of 1, any other ε / C in place of 0.
"""

from collections.abc import Mapping
from functools import reduce
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.activation import log_softmax, sigmoid
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.settings import kinds


def loss(
    kind: kinds.Loss,
    logits: Floats,
    classes: NDArray[np.int64],
    class_weights: Floats | None = None,
    weights: Floats | None = None,
    label_smoothing: float = 0.0,
) -> tuple[Floats, Floats]:
    """Compute the mean loss of a batch and its gradient.

    Args:
        kind: mse, bce or cross_entropy.
        logits: (…, B, 1) for mse and bce, (…, B, C) for cross_entropy.
        classes: Class indices (…, B), or (B,) if the networks share them.
        class_weights: (C,), or None.
        weights: Of each string (B,), or None.
        label_smoothing: ε.

    Returns:
        The loss (…,), and its gradient for the logits.
    """
    each, grad = loss_of_each(kind, logits, classes, label_smoothing)
    if class_weights is None:
        share = np.full(classes.shape, 1 / classes.shape[-1], logits.dtype)
    else:
        by_class = class_weights.astype(logits.dtype)[classes]
        share = by_class / by_class.sum(axis=-1, keepdims=True)
    if weights is not None:
        share = share * weights.astype(logits.dtype)
    return (each * share).sum(axis=-1), grad * share[..., None]


def loss_of_heads(
    kind: kinds.Loss,
    heads: Mapping[str, Floats],
    classes: NDArray[np.int64],
    class_weights: Floats | None = None,
    weights: Floats | None = None,
    label_smoothing: float = 0.0,
) -> tuple[Floats, dict[str, Floats]]:
    """Add up the losses of several heads, so that each learns as if it were alone.

    The sum, not the mean, as where networks have companion or auxiliary classifiers (Lee et al.
    2015, "Deeply-supervised nets", equation 3): with a mean, a head would get a smaller gradient
    the more others there are.

    Args:
        kind: mse, bce or cross_entropy.
        heads: The logits of each, by name.
        classes: As for `loss`.
        class_weights: As for `loss`.
        weights: As for `loss`.
        label_smoothing: As for `loss`.

    Returns:
        The loss (…,), and its gradient for the logits of each head.
    """
    losses, grads = [], {}
    for name, logits in heads.items():
        value, grads[name] = loss(kind, logits, classes, class_weights, weights, label_smoothing)
        losses.append(value)
    return reduce(np.add, losses), grads


def loss_of_each(
    kind: kinds.Loss, logits: Floats, classes: NDArray[np.int64], label_smoothing: float = 0.0
) -> tuple[Floats, Floats]:
    """Compute the loss of each string (…, B), and its gradient for the string's logits."""
    match kind:
        case "mse":
            return mse(logits, classes, label_smoothing)
        case "bce":
            return bce(logits, classes, label_smoothing)
        case "cross_entropy":
            return cross_entropy(logits, classes, label_smoothing)
        case _:
            assert_never(kind)


def output_of(kind: kinds.Loss) -> kinds.Output:
    """Return what a loss takes: one logit for class 1 of two (sigmoid), or one per class."""
    match kind:
        case "mse" | "bce":
            return "sigmoid"
        case "cross_entropy":
            return "softmax"
        case _:
            assert_never(kind)


def mse(
    logits: Floats, classes: NDArray[np.int64], label_smoothing: float = 0.0
) -> tuple[Floats, Floats]:
    """Compute (σ(z) − y)² of each string; its gradient is 2 (σ(z) − y) σ(z) (1 − σ(z))."""
    probability = sigmoid(logits)
    error = probability - _soften(classes, logits, label_smoothing)
    return (error * error)[..., 0], 2 * error * probability * (1 - probability)


def bce(
    logits: Floats, classes: NDArray[np.int64], label_smoothing: float = 0.0
) -> tuple[Floats, Floats]:
    """Compute −y log σ(z) − (1 − y) log(1 − σ(z)) of each string; its gradient is σ(z) − y.

    Computed as max(z, 0) − y z + log(1 + e^−|z|), which neither overflows nor takes log 0.
    """
    truth = _soften(classes, logits, label_smoothing)
    each = np.maximum(logits, 0) - truth * logits + np.log1p(np.exp(-np.abs(logits)))
    return each[..., 0], sigmoid(logits) - truth


def _soften(classes: NDArray[np.int64], logits: Floats, label_smoothing: float) -> Floats:
    """Return what class 1 of two has of each string's label (…, B, 1); not smoothed: 0 or 1."""
    truth: Floats = classes[..., None].astype(logits.dtype)
    return truth * (1 - label_smoothing) + label_smoothing / 2 if label_smoothing else truth


def cross_entropy(
    logits: Floats, classes: NDArray[np.int64], label_smoothing: float = 0.0
) -> tuple[Floats, Floats]:
    """Compute −log softmax(z)_y of each string; its gradient is softmax(z) − one-hot(y).

    With label smoothing it is −Σ q log softmax(z) with q = (1 − ε) one-hot(y) + ε / C, and its
    gradient is softmax(z) − q.
    """
    log_probabilities = log_softmax(logits)
    place = np.broadcast_to(classes, logits.shape[:-1])[..., None]
    each = -np.take_along_axis(log_probabilities, place, axis=-1)[..., 0]
    grad = np.exp(log_probabilities)
    own = np.take_along_axis(grad, place, axis=-1) - (1 - label_smoothing)
    np.put_along_axis(grad, place, own, axis=-1)
    if label_smoothing:
        each += label_smoothing * (-log_probabilities.mean(axis=-1) - each)
        grad -= label_smoothing / logits.shape[-1]
    return each, grad
