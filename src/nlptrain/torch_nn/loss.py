"""The losses, from logits; each includes its own sigmoid or softmax."""

from collections.abc import Iterable
from functools import reduce
from typing import assert_never

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.settings import kinds


def loss(
    kind: kinds.Loss,
    logits: Tensor,
    classes: Tensor,
    class_weights: Tensor | None,
    weights: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Compute the mean loss of a batch.

    mse: (σ(z) − y)²; bce: −y log σ(z) − (1 − y) log(1 − σ(z)); cross_entropy: −log softmax(z)_y.
    With class weights, the weighted mean, as in torch's cross-entropy. Weights of single strings
    multiply what a string adds to it, as by hand.

    Args:
        kind: mse, bce or cross_entropy.
        logits: (B, 1) for mse and bce, (B, C) for cross_entropy.
        classes: Class indices (B,).
        class_weights: (C,), or None.
        weights: Of each string (B,), or None.
        label_smoothing: ε, the share of a string's label that is spread over the classes. All that
            a string adds has the weight of its own class, unlike in torch's cross-entropy.
    """
    if weights is None and kind == "cross_entropy" and not label_smoothing:
        return F.cross_entropy(logits, classes, weight=class_weights)
    reduction = "mean" if class_weights is None and weights is None else "none"
    match kind:
        case "cross_entropy":
            value = F.cross_entropy(
                logits, classes, reduction=reduction, label_smoothing=label_smoothing
            )
        case "mse":
            probabilities = torch.sigmoid(logits.squeeze(1))
            truth = _soften(classes, logits, label_smoothing)
            value = F.mse_loss(probabilities, truth, reduction=reduction)
        case "bce":
            truth = _soften(classes, logits, label_smoothing)
            value = F.binary_cross_entropy_with_logits(
                logits.squeeze(1), truth, reduction=reduction
            )
        case _:
            assert_never(kind)
    if reduction == "mean":
        return value
    by_class = torch.ones_like(value) if class_weights is None else class_weights[classes]
    own = by_class if weights is None else by_class * weights
    return (value * own).sum() / by_class.sum()


def _soften(classes: Tensor, logits: Tensor, label_smoothing: float) -> Tensor:
    """Return what class 1 of two has of each string's label (B,); not smoothed: 0 or 1."""
    truth = classes.to(logits.dtype)
    return truth * (1 - label_smoothing) + label_smoothing / 2 if label_smoothing else truth


def loss_of_heads(
    kind: kinds.Loss,
    heads: Iterable[Tensor],
    classes: Tensor,
    class_weights: Tensor | None,
    weights: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Add up the losses of several heads, each from its own logits; arguments as for `loss`."""
    losses = (loss(kind, each, classes, class_weights, weights, label_smoothing) for each in heads)
    return reduce(torch.add, losses)
