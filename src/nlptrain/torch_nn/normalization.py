"""torch's normalizations without the pads, which torch's own layers would include."""

from typing import assert_never

import torch
from torch import Tensor, nn

from nlptrain.numpy_nn.normalization import EPSILON, MOMENTUM
from nlptrain.settings import kinds
from nlptrain.torch_nn.batch_norm_across import Across


class Normalization(nn.Module):
    """γ, β and, for batch normalization, running statistics.

    Attributes:
        across: The processes whose batch is normalized together, in training; None: this one alone.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, kind: kinds.Normalization, num_features: int) -> None:
        super().__init__()
        self.kind = kind
        self.across: Across | None = None
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        if kind == "batch":
            self.register_buffer("running_mean", torch.zeros(num_features))
            self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor, lengths: Tensor, real: Tensor | None) -> Tensor:
        """Normalize features (B, T, F); `real` masks the real positions (B, T, 1), None for all."""
        match self.kind:
            case "layer":
                shape = self.weight.shape
                return nn.functional.layer_norm(x, shape, self.weight, self.bias, EPSILON)
            case "instance":
                return self._instance_norm(x, lengths, real)
            case "batch" if real is None:
                return self._batch_norm(x.reshape(-1, x.shape[2])).view_as(x)
            case "batch":
                chosen = real.squeeze(-1)
                return x.new_zeros(x.shape).index_put((chosen,), self._batch_norm(x[chosen]))
            case _:
                assert_never(self.kind)

    def _batch_norm(self, positions: Tensor) -> Tensor:
        """Normalize (N, F) over N; without any positions, nothing is normalized or learnt."""
        if self.across is not None and self.training:
            running = self.running_mean, self.running_var
            return self.across.normalize(positions, self.weight, self.bias, running)
        if len(positions) == 0:
            return positions
        # A single position has no unbiased variance: leave the running statistics unchanged.
        learns = self.training and len(positions) > 1
        return torch.batch_norm(
            positions,
            self.weight,
            self.bias,
            self.running_mean if learns or not self.training else None,
            self.running_var if learns or not self.training else None,
            self.training,
            MOMENTUM,
            EPSILON,
            False,
        )

    def _instance_norm(self, x: Tensor, lengths: Tensor, real: Tensor | None) -> Tensor:
        if real is None:
            centered = x - x.mean(dim=1, keepdim=True)
            variance = centered.square().mean(dim=1, keepdim=True)
        else:
            count = lengths.clamp(min=1)[:, None, None]
            mean = x.masked_fill(~real, 0).sum(dim=1, keepdim=True) / count
            centered = (x - mean).masked_fill(~real, 0)
            variance = centered.square().sum(dim=1, keepdim=True) / count
        return centered * torch.rsqrt(variance + EPSILON) * self.weight + self.bias
