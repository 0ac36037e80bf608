"""Adamax by hand, equivalent to PyTorch's: same updates, options and state."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class Adamax(OptimizerByHand):
    """Adam with the largest gradient, slowly forgotten, in place of the root of the mean square.

    Step t on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        m ← β₁ m + (1 − β₁) g             β₁, β₂: betas; from 0; state exp_avg
        u ← max(β₂ u, |g| + ε)            ε: eps; from 0; state exp_inf
        w ← w − α / (1 − β₁ᵗ) · m / u     α: lr

    Each parameter has its own t, which counts only the steps in which it has a gradient.

    Source: Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", Algorithm 2, with
    PyTorch's ε.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
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
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        if not state:
            state["step"] = new_count()
            state["exp_avg"] = torch.zeros_like(w)
            state["exp_inf"] = torch.zeros_like(w)
        (beta1, beta2), t, u = group["betas"], count_step(state), state["exp_inf"]
        m = state["exp_avg"].lerp_(g, 1 - beta1)
        torch.maximum(u.mul_(beta2), g.abs().add_(group["eps"]), out=u)
        w.addcdiv_(m, u, value=-float(group["lr"]) / (1 - beta1**t))
