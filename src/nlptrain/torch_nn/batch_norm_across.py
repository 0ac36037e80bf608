"""Batch normalization over the strings of several processes.

Sergey Ioffe and Christian Szegedy, "Batch Normalization" (2015), section 3. torch's SyncBatchNorm
computes the same, but on CUDA devices alone.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from nlptrain.numpy_nn.normalization import EPSILON, MOMENTUM


class Across:
    """Several processes that normalize together.

    Attributes:
        add_up: Replaces a tensor by its sum over all processes.
        rank: The number of this process.
        size: Number of processes.
        outputs: Of each normalization so far in this forward pass. A process whose strings are too
            short may never get back to them from its loss; it has to, since the others wait.
    """

    def __init__(self, add_up: Callable[[Tensor], Tensor], rank: int, size: int) -> None:
        self.add_up = add_up
        self.rank = rank
        self.size = size
        self.outputs: list[Tensor] = []

    def normalize(
        self, positions: Tensor, weight: Tensor, bias: Tensor, running: tuple[Tensor, Tensor]
    ) -> Tensor:
        """Normalize over the positions of all processes, and update the running statistics.

        Args:
            positions: Features of this process's real positions (N, F); N may be 0.
            weight: γ (F,).
            bias: β (F,).
            running: Mean and variance (F,), for evaluation.
        """
        mean, variance, count = self._measure(positions.detach())
        if count == 0:
            return positions  # As in one process: no gradient reaches what was not used.
        # A single position has no unbiased variance: leave the running statistics unchanged.
        if count > 1:
            running[0].lerp_(mean.to(running[0].dtype), MOMENTUM)
            running[1].lerp_((variance * count / (count - 1)).to(running[1].dtype), MOMENTUM)
        scale, dtype = torch.rsqrt(variance + EPSILON), weight.dtype
        statistics = mean.to(dtype), scale.to(dtype), count
        # As torch's own, in the precision of the weights where layers multiply in another.
        arguments = positions.to(dtype), weight, bias, *statistics, self.add_up
        normalized: Tensor = _Normalize.apply(*arguments).to(positions.dtype)  # type: ignore[no-untyped-call]
        self.outputs.append(normalized)
        return normalized

    def _measure(self, positions: Tensor) -> tuple[Tensor, Tensor, float]:
        """Compute mean and biased variance (F,) of all positions, and count them.

        Tony Chan, Gene Golub and Randall LeVeque, "Updating Formulae and a Pairwise Algorithm for
        Computing Sample Variances" (1979): Σ (x − μ)² = Σ_r [Σ (x − μ_r)² + n_r (μ_r − μ)²].
        """
        count, (_, features) = len(positions), positions.shape
        own = positions.sum(dim=0, dtype=torch.float64) / max(count, 1)
        squares = (positions - own.to(positions.dtype)).square().sum(dim=0, dtype=torch.float64)
        table = positions.new_zeros(self.size, 1 + 2 * features, dtype=torch.float64)
        table[self.rank] = torch.cat([own.new_tensor([count]), own, squares])
        self.add_up(table)
        counts, means, sums = table[:, :1], table[:, 1 : 1 + features], table[:, 1 + features :]
        total = counts.sum().clamp(min=1)
        mean = (counts * means).sum(dim=0) / total
        variance = (sums + counts * (means - mean).square()).sum(dim=0) / total
        return mean, variance, float(counts.sum())


class _Normalize(torch.autograd.Function):
    """y = γ x̂ + β with x̂ = (x − μ) s, where μ and s depend on the x of all processes.

    ∂L/∂x = γ s (∂L/∂y − [Σ ∂L/∂y + x̂ Σ (∂L/∂y x̂)] / N), both sums over all processes.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        mean: Tensor,
        scale: Tensor,
        count: float,
        add_up: Callable[[Tensor], Tensor],
    ) -> Tensor:
        normalized = (x - mean) * scale
        ctx.save_for_backward(normalized, weight, scale)
        ctx.count, ctx.add_up = count, add_up
        return normalized * weight + bias

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_y: Tensor) -> tuple[Tensor | None, ...]:
        normalized, weight, scale = ctx.saved_tensors
        own = torch.stack([grad_y.sum(dim=0), (grad_y * normalized).sum(dim=0)])
        grad_bias, grad_weight = own
        mean_grad, mean_product = ctx.add_up(own.clone()) / ctx.count
        grad_x = weight * scale * (grad_y - mean_grad - normalized * mean_product)
        return grad_x, grad_weight, grad_bias, None, None, None, None
