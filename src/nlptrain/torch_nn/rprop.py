"""Rprop by hand, equivalent to PyTorch's: same updates, options and state."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class Rprop(OptimizerByHand):
    """Rprop: only the gradient's sign counts, and each weight has a step size of its own.

    Each step, for each weight w by itself, with the gradient g of the loss:

        g ← −g                            if maximize
        Δ ← min(η⁺ Δ, Δmax)               if g has the sign of the last gradient
        Δ ← max(η⁻ Δ, Δmin), g ← 0        if it has the other sign
        w ← w − sign(g) Δ

    η⁻, η⁺: etas; Δmin, Δmax: step_sizes; Δ starts from lr, which has no other effect; state
    step_size; the last gradient is state prev.

    Source: Riedmiller and Braun (1993), "A Direct Adaptive Method for Faster Backpropagation
    Learning: The RPROP Algorithm", in the form without weight backtracking (Igel and Hüsken
    2000, iRprop−).
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize}
        super().__init__(params, defaults)

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        if not state:
            state["step"] = new_count()
            state["prev"] = torch.zeros_like(w)
            state["step_size"] = torch.full_like(w, float(group["lr"]))
        count_step(state)
        shrink, grow = group["etas"]
        agreement = g.mul(state["prev"]).sign_()
        factor = torch.ones_like(g)
        factor[agreement > 0], factor[agreement < 0] = grow, shrink
        size = state["step_size"].mul_(factor).clamp_(*group["step_sizes"])
        g = g.masked_fill(agreement < 0, 0)
        w.addcmul_(g.sign(), size, value=-1)
        state["prev"].copy_(g)
