"""RAdam by hand, equivalent to PyTorch's: same updates, options and state."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class RAdam(OptimizerByHand):
    """Adam that takes plain momentum steps until its mean square is known well enough.

    Step t on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay; if decoupled_weight_decay,
                                          w ← w − α λ w instead
        m ← β₁ m + (1 − β₁) g             β₁, β₂: betas; from 0; state exp_avg
        v ← β₂ v + (1 − β₂) g²            from 0; state exp_avg_sq
        m̂ = m / (1 − β₁ᵗ)
        ρ∞ = 2 / (1 − β₂) − 1             ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
        r = √((ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ))
        w ← w − α r m̂ √(1 − β₂ᵗ) / (√v + ε)       if ρ > 5; α: lr, ε: eps
        w ← w − α m̂                               otherwise

    Each parameter has its own t, which counts only the steps in which it has a gradient.

    Source: Liu, Jiang, He, Chen, Liu, Gao and Han (2020), "On the Variance of the Adaptive
    Learning Rate and Beyond", Algorithm 2, with PyTorch's bound of 5 in place of 4.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        if not state:
            state["step"] = new_count()
            state["exp_avg"] = torch.zeros_like(w)
            state["exp_avg_sq"] = torch.zeros_like(w)
        (beta1, beta2), t = group["betas"], count_step(state)
        m = state["exp_avg"].lerp_(g, 1 - beta1)
        v = state["exp_avg_sq"].mul_(beta2).addcmul_(g, g, value=1 - beta2)
        rate = float(group["lr"]) / (1 - beta1**t)
        limit = 2 / (1 - beta2) - 1
        length = limit - 2 * t * beta2**t / (1 - beta2**t)
        if length > 5:
            part, whole = ((each - 4) * (each - 2) / each for each in (length, limit))
            rate *= math.sqrt(part / whole * (1 - beta2**t))
            w.addcdiv_(m, v.sqrt().add_(group["eps"]), value=-rate)
        else:
            w.sub_(m, alpha=rate)
