"""Lion by hand; PyTorch has none."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand


class Lion(OptimizerByHand):
    """Lion: the sign of a mean gradient is the direction, so all weights move equally far.

    Each step on the weights w with the gradient g of the loss:

        w ← w − α λ w                     α: lr, λ: weight_decay
        w ← w − α sign(β₁ m + (1 − β₁) g)         β₁, β₂: betas
        m ← β₂ m + (1 − β₂) g             from 0; state exp_avg

    Source: Chen, Liang, Huang, Real, Wang, Liu, Pham, Dong, Luong, Hsieh, Lu and Le (2023),
    "Symbolic Discovery of Optimization Algorithms", Program 1.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    def _decay(self, w: Tensor, g: Tensor, group: dict[str, Any]) -> Tensor:
        """Shrink the parameter; the gradient is unchanged."""
        w.mul_(1 - float(group["lr"]) * group["weight_decay"])
        return g

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        if not state:
            state["exp_avg"] = torch.zeros_like(w)
        (beta1, beta2), m = group["betas"], state["exp_avg"]
        w.sub_(m.lerp(g, 1 - beta1).sign_(), alpha=float(group["lr"]))
        m.lerp_(g, 1 - beta2)
