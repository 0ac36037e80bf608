"""From features at every position to one vector per string; torch has no masked pooling."""

from typing import assert_never

import torch
from torch import Tensor, nn

from nlptrain.numpy_nn.attention import Attention
from nlptrain.numpy_nn.readout import Last, Maximum, Mean
from nlptrain.numpy_nn.readouts import AnyReadout, Several
from nlptrain.torch_nn.layer import TorchLayer


def build_readout(readout: AnyReadout, input_size: int) -> TorchLayer:
    """Build a readout: (B, T, F) → (B, F)."""
    match readout:
        case Mean():
            return TorchLayer(nn.Identity(), lambda x, c: mean(x, c.lengths, c.real))
        case Maximum():
            return TorchLayer(nn.Identity(), lambda x, c: maximum(x, c.lengths, c.real))
        case Last(reverse_from):
            return TorchLayer(nn.Identity(), lambda x, c: last(x, c.lengths, c.real, reverse_from))
        case Attention():
            query = Query(input_size)
            return TorchLayer(query, lambda x, c: attention(x, query.query, c.lengths, c.real))
        case Several(readouts):
            parts = {each.label: build_readout(each, input_size) for each in readouts}
            modules = nn.ModuleDict({name: each.module for name, each in parts.items()})
            return TorchLayer(
                modules,
                lambda x, c: torch.cat([each.forward(x, c) for each in parts.values()], dim=1),
            )
        case _:
            assert_never(readout)


class Query(nn.Module):
    """What attention learns; the initial values come from the network by hand."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.zeros(size))


def attention(features: Tensor, query: Tensor, lengths: Tensor, real: Tensor | None) -> Tensor:
    """Average over the real positions, weighted by a softmax of query · features.

    Args:
        features: (B, T, F).
        query: (F,).
        lengths: Real positions of each string (B,).
        real: Mask of the real positions (B, T, 1); None if all are real.
    """
    if real is None:
        return ((features @ query).softmax(dim=1)[..., None] * features).sum(dim=1)
    features = features.masked_fill(~real, 0)
    # An empty string keeps its scores, as a softmax of nothing is NaN; its features are zeros.
    pads = ~real[..., 0] & (lengths > 0)[:, None]
    scores = (features @ query).masked_fill(pads, -torch.inf)
    return (scores.softmax(dim=1)[..., None] * features).sum(dim=1)


def mean(features: Tensor, lengths: Tensor, real: Tensor | None) -> Tensor:
    """Average over the real positions: (B, T, F) → (B, F); an empty string gives zeros.

    Args:
        features: (B, T, F).
        lengths: Real positions of each string (B,).
        real: Mask of the real positions (B, T, 1); None if all are real.
    """
    if real is None:
        return features.mean(dim=1)
    # Not a product, as values at pads may be infinite.
    total = features.masked_fill(~real, 0).sum(dim=1)
    return total / lengths.clamp(min=1)[:, None]


def maximum(features: Tensor, lengths: Tensor, real: Tensor | None) -> Tensor:
    """Take the maximum over the real positions: (B, T, F) → (B, F); empty gives zeros."""
    if real is None:
        return features.amax(dim=1)
    largest = features.masked_fill(~real, -torch.inf).amax(dim=1)
    return largest.masked_fill((lengths == 0)[:, None], 0)


def last(
    features: Tensor, lengths: Tensor, real: Tensor | None, reverse_from: int | None = None
) -> Tensor:
    """Take the features where reading ends: (B, T, F) → (B, F); empty gives zeros.

    Args:
        features: (B, T, F).
        lengths: Real positions of each string (B,).
        real: Mask of the real positions (B, T, 1); None if all are real.
        reverse_from: The first feature that was read backward, ending at position 0.
    """
    if real is None:
        result = features[:, -1]
    else:
        rows = torch.arange(len(features), device=features.device)
        result = features[rows, (lengths - 1).clamp(min=0)]
        result = result.masked_fill((lengths == 0)[:, None], 0)
    if reverse_from is None:
        return result
    backward = features[:, 0, reverse_from:]
    if real is not None:
        backward = backward.masked_fill((lengths == 0)[:, None], 0)
    return torch.cat([result[:, :reverse_from], backward], dim=1)
