"""Whether a gradient is finite, and its norm, clipped or not."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def is_finite(parameters: Sequence[Tensor]) -> bool:
    """Look for NaN and infinity among each gradient's extremes, which one call finds."""
    extremes = [each for gradient in _gradients(parameters) for each in gradient.aminmax()]
    return bool(torch.stack(extremes).isfinite().all())


def largest(parameters: Sequence[Tensor]) -> Tensor:
    """Find the gradient's largest number, which is not finite if any is not, as a scalar.

    The largest instead of the extremes, since torch takes it of all gradients in one call on CUDA.
    """
    return nn.utils.get_total_norm(_gradients(parameters), math.inf)


def clip(parameters: Sequence[Tensor], limit: float | None, *, measure: bool) -> Tensor | None:
    """Clip the gradient's norm to a limit, if there is one.

    Returns:
        The norm before that, a scalar, if it is to be measured.
    """
    if limit is None and not measure:
        return None
    norm = nn.utils.get_total_norm(_gradients(parameters))
    if limit is not None:
        nn.utils.clip_grads_with_norm_(parameters, limit, norm)
    return norm if measure else None


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    gradients = [each.grad for each in parameters if each.grad is not None]
    return [gradient for gradient in gradients if len(gradient)]
