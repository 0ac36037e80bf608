"""Adadelta by hand, equivalent to PyTorch's: same updates, options and state."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class Adadelta(OptimizerByHand):
    """Adadelta: the step is as large as the steps before it, so it needs no learning rate.

    Each step on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        v ← ρ v + (1 − ρ) g²              ρ: rho; from 0; state square_avg
        Δ = √(u + ε) / √(v + ε) · g       ε: eps
        u ← ρ u + (1 − ρ) Δ²              from 0; state acc_delta
        w ← w − lr Δ

    Source: Zeiler (2012), "ADADELTA: An Adaptive Learning Rate Method", Algorithm 1, with
    PyTorch's factor lr.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        if not 0 <= rho <= 1:
            raise ValueError(f"Invalid rho value: {rho}")
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        rho, eps = group["rho"], group["eps"]
        if not state:
            state["step"] = new_count()
            state["square_avg"] = torch.zeros_like(w)
            state["acc_delta"] = torch.zeros_like(w)
        count_step(state)
        u = state["acc_delta"]
        v = state["square_avg"].mul_(rho).addcmul_(g, g, value=1 - rho)
        delta = u.add(eps).sqrt_().div_(v.add(eps).sqrt_()).mul_(g)
        u.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        w.sub_(delta, alpha=float(group["lr"]))
