"""Dropout masks in torch, which depend on seed and step alone."""

import torch
from torch import Tensor

from nlptrain.numpy_nn.dropout import dropout_mask


def draw_mask(
    shape: tuple[int, ...],
    probability: float,
    *,
    seed: int,
    step: int,
    dtype: str,
    device: torch.device,
) -> Tensor:
    """Draw a mask: 0 with probability p, else 1 / (1 − p); on a CPU the one by hand.

    Args:
        shape: Of the mask.
        probability: p, at least 0 and below 1.
        seed: The run's seed.
        step: The update that uses it, from 0.
        dtype: The network's float type.
        device: Where the mask is drawn.
    """
    if device.type == "cpu":
        return torch.from_numpy(dropout_mask(shape, probability, seed=seed, step=step, dtype=dtype))
    generator = torch.Generator(device).manual_seed(seed * 2**31 + step)
    draws = torch.rand(shape, generator=generator, device=device)
    return (draws >= probability).to(getattr(torch, dtype)) / (1 - probability)
