"""Adam by hand, equivalent to PyTorch's: same updates, options and state."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class Adam(OptimizerByHand):
    """Adam with bias correction, L2 weight decay and AMSGrad.

    Step t on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        m ← β₁ m + (1 − β₁) g             β₁, β₂: betas; from 0; state exp_avg
        v ← β₂ v + (1 − β₂) g²            from 0; state exp_avg_sq
        m̂ = m / (1 − β₁ᵗ)
        v̂ = v / (1 − β₂ᵗ)                 if amsgrad, the largest v so far in place of v
        w ← w − α m̂ / (√v̂ + ε)            α: lr, ε: eps

    Each parameter has its own t, which counts only the steps in which it has a gradient.

    Source: Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", Algorithm 1;
    amsgrad: Reddi, Kale and Kumar (2018), with PyTorch's bias correction.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        if not any(all(isinstance(beta, kind) for beta in betas) for kind in (float, Tensor)):
            raise ValueError("betas must be either both floats or both Tensors")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
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
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = torch.zeros_like(w)
        lr, (beta1, beta2) = float(group["lr"]), map(float, group["betas"])
        m, v, t = state["exp_avg"], state["exp_avg_sq"], count_step(state)
        m.lerp_(g, 1 - beta1)  # β₁ m + (1 − β₁) g, rounded as in PyTorch
        v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"]
            v = torch.maximum(largest, v, out=largest)
        root = v.sqrt().div_(math.sqrt(1 - beta2**t))
        w.addcdiv_(m, root.add_(group["eps"]), value=-lr / (1 - beta1**t))
