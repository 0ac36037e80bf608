"""The losses, from logits; each includes its own sigmoid or softmax."""

from collections.abc import Iterable
from functools import reduce
from typing import assert_never

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.settings import kinds


def loss(kind: kinds.Loss, logits: Tensor, classes: Tensor, class_weights: Tensor | None) -> Tensor:
    """Compute the mean loss of a batch.

    mse: (σ(z) − y)²; bce: −y log σ(z) − (1 − y) log(1 − σ(z)); cross_entropy: −log softmax(z)_y.
    With class weights, the weighted mean, as in torch's cross-entropy.

    Args:
        kind: mse, bce or cross_entropy.
        logits: (B, 1) for mse and bce, (B, C) for cross_entropy.
        classes: Class indices (B,).
        class_weights: (C,), or None.
    """
    reduction = "none" if class_weights is not None else "mean"
    match kind:
        case "cross_entropy":
            return F.cross_entropy(logits, classes, weight=class_weights)
        case "mse":
            probabilities = torch.sigmoid(logits.squeeze(1))
            value = F.mse_loss(probabilities, classes.to(logits.dtype), reduction=reduction)
        case "bce":
            value = F.binary_cross_entropy_with_logits(
                logits.squeeze(1), classes.to(logits.dtype), reduction=reduction
            )
        case _:
            assert_never(kind)
    if class_weights is None:
        return value
    weights = class_weights[classes]
    return (value * weights).sum() / weights.sum()


def loss_of_heads(
    kind: kinds.Loss, heads: Iterable[Tensor], classes: Tensor, class_weights: Tensor | None
) -> Tensor:
    """Add up the losses of several heads, each from its own logits; arguments as for `loss`."""
    return reduce(torch.add, (loss(kind, each, classes, class_weights) for each in heads))
