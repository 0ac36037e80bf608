"""Adagrad by hand, equivalent to PyTorch's: same updates, options and state."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class Adagrad(OptimizerByHand):
    """Adagrad with L2 weight decay and a decaying learning rate.

    Step t on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        s ← s + g²                        s₀: initial_accumulator_value; state sum
        α = lr / (1 + (t − 1) η)          η: lr_decay
        w ← w − α g / (√s + ε)            ε: eps

    Each parameter has its own t, which counts only the steps in which it has a gradient.

    Source: Duchi, Hazan and Singer (2011), "Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization", with ε and decay as in PyTorch.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
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
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for weight in group["params"]:
                self.state[weight] = self._start(weight)

    def _start(self, weight: Tensor) -> dict[str, Tensor]:
        start = self.defaults["initial_accumulator_value"]
        fill = complex(start, start) if weight.is_complex() else start
        return {"step": new_count(), "sum": torch.full_like(weight, fill)}

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        if not state:
            state |= self._start(w)
        s, t = state["sum"], count_step(state)
        s.addcmul_(g, g)
        rate = float(group["lr"]) / (1 + (t - 1) * group["lr_decay"])
        w.addcdiv_(g, s.sqrt().add_(group["eps"]), value=-rate)
