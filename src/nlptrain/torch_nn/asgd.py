"""Averaged SGD by hand, equivalent to PyTorch's: same updates, options and state."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class ASGD(OptimizerByHand):
    """Gradient descent with a falling step size, and the average of the weights beside it.

    Step t on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ' w                      λ': weight_decay
        w ← w − η λ w − η g               λ: lambd; η: state eta, from lr
        a ← a + μ (w − a)                 from the first w; state ax; μ: state mu, from 1
        η ← lr / (1 + λ lr t)^α           α: alpha
        μ ← 1 / max(1, t − t₀)            t₀: t0; so the average begins after t₀ steps

    Each parameter has its own t, which counts only the steps in which it has a gradient.

    Source: Polyak and Juditsky (1992), "Acceleration of Stochastic Approximation by Averaging";
    step size: Bottou's (2010) as in PyTorch.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
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
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        lr, lambd = float(group["lr"]), group["lambd"]
        if not state:
            state["step"] = new_count()
            state["eta"] = new_count() + lr
            state["mu"] = new_count() + 1
            state["ax"] = torch.zeros_like(w)
        t, eta, mu, average = (
            count_step(state),
            state["eta"].item(),
            state["mu"].item(),
            state["ax"],
        )
        w.mul_(1 - lambd * eta).sub_(g, alpha=eta)
        if mu == 1:
            average.copy_(w)
        else:
            average.add_(w.sub(average), alpha=mu)
        # New tensors: load_state_dict may have made them as precise as the weights.
        state["eta"] = new_count() + lr / (1 + lambd * lr * t) ** group["alpha"]
        state["mu"] = new_count() + 1 / max(1, t - group["t0"])
