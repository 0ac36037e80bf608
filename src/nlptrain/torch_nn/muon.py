"""Muon by hand, with AdamW for what is no hidden weight matrix."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import Parameter

from nlptrain.torch_nn.adamw import AdamW
from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, check_betas

COEFFICIENTS = 3.4445, -4.7750, 2.0315
"""Of the odd polynomial a x + b x³ + c x⁵, which moves singular values towards 1 (Jordan 2024)."""


class Muon(AdamW):
    """Muon for the hidden weight matrices, AdamW for embeddings, biases, norms and the last layer.

    Each step on a matrix W (rows × columns) with the gradient G of the loss:

        B ← μ B + (1 − μ) G               μ: momentum; from 0; state momentum_buffer
        D = (1 − μ) G + μ B if nesterov, or B
        O = D with all singular values near 1 (`orthogonalize`)
        W ← W − α λ W                     α: lr, λ: weight_decay
        W ← W − s α O                     s: 0.2 √max(rows, columns), or with adjust_lr_fn
                                          original √max(1, rows / columns)

    The gates of a recurrent layer are matrices of their own. A convolution's kernel is the matrix
    of its output channels. The step is that of `torch.optim.Muon`, but computed in the precision
    of the weights, not in bfloat16. AdamW's learning rate is adamw_factor · lr.

    Source: Jordan (2024), "Muon: An optimizer for hidden layers in neural networks"; s: Liu et al.
    (2025), "Muon is Scalable for LLM Training", equation 4, with which one lr serves both.
    """

    def __init__(
        self,
        params: Iterable[tuple[str, Parameter]],
        lr: float | Tensor = 1e-3,
        *,
        matrices: Mapping[str, int],
        momentum: float = 0.95,
        nesterov: bool = True,
        weight_decay: float = 0.1,
        ns_steps: int = 5,
        eps: float = 1e-7,
        adjust_lr_fn: Literal["match_rms_adamw", "original"] = "match_rms_adamw",
        adamw_factor: float = 1.0,
        adamw_betas: tuple[float, float] = (0.9, 0.999),
        adamw_eps: float = 1e-8,
        adamw_weight_decay: float = 1e-2,
    ) -> None:
        """Set the options of the formula, and which parameters, by name, are hidden matrices.

        `matrices` says how many lie one above the other in each: `Architecture.hidden_matrices`.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
        """
        check_betas(adamw_betas)
        params = list(params)
        self._matrices: dict[Tensor, int] = {
            each: matrices[name] for name, each in params if name in matrices
        }
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "nesterov": nesterov,
            "weight_decay": weight_decay,
            "ns_steps": ns_steps,
            "eps": eps,
            "adjust_lr_fn": adjust_lr_fn,
            "adamw_factor": adamw_factor,
            "adamw_betas": adamw_betas,
            "adamw_eps": adamw_eps,
            "adamw_weight_decay": adamw_weight_decay,
        }
        OptimizerByHand.__init__(self, params, defaults)

    def _step_with(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        if weight in self._matrices:
            self._step_matrix(weight, gradient, group)
            return
        of_adamw = {key: group[f"adamw_{key}"] for key in ("betas", "eps", "weight_decay")}
        lr = float(group["lr"]) * group["adamw_factor"]
        super()._step_with(weight, gradient, {"lr": lr, "amsgrad": False, **of_adamw})

    def _step_matrix(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state, lr, momentum = self.state[weight], float(group["lr"]), group["momentum"]
        if not state:
            state["momentum_buffer"] = torch.zeros_like(weight)
        buffer = state["momentum_buffer"].lerp_(gradient, 1 - momentum)
        direction = gradient.lerp(buffer, momentum) if group["nesterov"] else buffer
        stacked = direction.reshape(
            self._matrices[weight], len(weight) // self._matrices[weight], -1
        )
        update = orthogonalize(stacked, group["ns_steps"], group["eps"])
        scale = scale_of(update.shape[-2], update.shape[-1], group["adjust_lr_fn"])
        weight.mul_(1 - lr * group["weight_decay"])
        weight.sub_(update.reshape(weight.shape), alpha=scale * lr)


def orthogonalize(matrices: Tensor, steps: int, eps: float) -> Tensor:
    """Move the singular values of matrices (K, rows, columns) towards 1, by Newton and Schulz.

    They end between about 0.7 and 1.2 where they are not tiny at first.
    """
    a, b, c = COEFFICIENTS
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    x: Tensor = matrices.mT if is_tall else matrices
    x = x / torch.linalg.matrix_norm(x, keepdim=True).clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if is_tall else x


def scale_of(rows: int, columns: int, adjust_lr_fn: str) -> float:
    """Compute by what the learning rate is multiplied for a matrix of this size."""
    if adjust_lr_fn == "original":
        return float(max(1, rows / columns) ** 0.5)
    return float(0.2 * max(rows, columns) ** 0.5)
