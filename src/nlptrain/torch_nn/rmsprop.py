"""RMSprop by hand, equivalent to PyTorch's: same updates, options and state."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import (
    OptimizerByHand,
    check_not_negative,
    count_step,
    new_count,
)


class RMSprop(OptimizerByHand):
    """RMSprop with momentum, centring and L2 weight decay.

    Each step on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        v ← α v + (1 − α) g²              α: alpha; from 0; state square_avg
        ḡ ← α ḡ + (1 − α) g               if centered; from 0; state grad_avg
        d = g / (√v + ε)                  ε: eps; if centered, v − ḡ² in place of v
        b ← μ b + d                       μ: momentum; from 0; state momentum_buffer
        w ← w − lr b

    Source: Hinton (2012), "Neural Networks for Machine Learning", lecture 6e; centred: Graves
    (2013), "Generating Sequences With Recurrent Neural Networks", equations 38 to 45.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        check_not_negative(alpha=alpha)
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        alpha, momentum = group["alpha"], group["momentum"]
        if not state:
            state["step"] = new_count()
            state["square_avg"] = torch.zeros_like(w)
            if momentum > 0:
                state["momentum_buffer"] = torch.zeros_like(w)
            if group["centered"]:
                state["grad_avg"] = torch.zeros_like(w)
        count_step(state)
        v = state["square_avg"].mul_(alpha).addcmul_(g, g, value=1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"].lerp_(g, 1 - alpha)
            v = v.addcmul(mean, mean, value=-1)
        root, lr = v.sqrt().add_(group["eps"]), float(group["lr"])
        if momentum > 0:
            w.sub_(state["momentum_buffer"].mul_(momentum).addcdiv_(g, root), alpha=lr)
        else:
            w.addcdiv_(g, root, value=-lr)
