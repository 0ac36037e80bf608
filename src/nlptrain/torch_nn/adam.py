"""Adam written out, beside PyTorch's: the same updates, the same options, the same state."""

import math
from collections.abc import Callable
from typing import Any, overload

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_step import (
    add_decay,
    as_real,
    call_closure,
    check_learning_rate,
    check_not_negative,
    count_step,
    gradients_of,
    new_count,
    weights_with_gradient,
)


class Adam(torch.optim.Optimizer):
    """Adam with bias correction, L2 weight decay and AMSGrad.

    Step t on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        m ← β₁ m + (1 − β₁) g             from 0; state exp_avg
        v ← β₂ v + (1 − β₂) g²            from 0; state exp_avg_sq
        m̂ = m / (1 − β₁ᵗ)
        v̂ = v / (1 − β₂ᵗ)                 amsgrad: the largest v so far in place of v
        w ← w − α m̂ / (√v̂ + ε)            α: lr

    Each parameter counts its own t, and only the steps in which it has a gradient.

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
        """Take the parameters and the options, which a parameter group may replace for itself.

        Args:
            params: Tensors, (name, tensor) pairs, or dictionaries of a group each.
            lr: Step size α.
            betas: Decay of the two running means, (β₁, β₂).
            eps: ε, added to √v̂.
            weight_decay: Strength λ of the L2 penalty.
            amsgrad: Divide by the largest second mean so far.
            maximize: Climb instead of descend.

        Raises:
            ValueError: An option out of its range, or a tensor in two groups.
            TypeError: `params` is no iterable of what it may hold.
        """
        check_learning_rate(lr)
        check_not_negative(epsilon=eps, weight_decay=weight_decay)
        _check_betas(betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Update every parameter that has a gradient.

        Args:
            closure: Computes the loss and the gradients anew, before the update.

        Returns:
            The closure's loss.

        Raises:
            RuntimeError: A gradient is sparse.
        """
        loss = call_closure(closure)
        refusal = "Adam does not support sparse gradients, please consider SparseAdam instead"
        for group in self.param_groups:
            weights = weights_with_gradient(group, refusal)
            if weights:
                states = [self._state_of(weight, group["amsgrad"]) for weight in weights]
                gradients = gradients_of(weights, maximize=group["maximize"])
                gradients = self._decay(as_real(weights), gradients, group)
                _update(as_real(weights), gradients, states, group)
        return loss

    def _state_of(self, weight: Tensor, amsgrad: bool) -> dict[str, Tensor]:
        state: dict[str, Tensor] = self.state[weight]
        if not state:
            state["step"] = new_count()
            state["exp_avg"] = torch.zeros_like(weight)
            state["exp_avg_sq"] = torch.zeros_like(weight)
            if amsgrad:
                state["max_exp_avg_sq"] = torch.zeros_like(weight)
        return state

    def _decay(self, w: list[Tensor], g: list[Tensor], group: dict[str, Any]) -> list[Tensor]:
        """Add the L2 penalty's gradients."""
        return add_decay(g, w, group["weight_decay"])


def _update(
    w: list[Tensor], g: list[Tensor], states: list[dict[str, Tensor]], group: dict[str, Any]
) -> None:
    """Take one step.

    A `_foreach_` function does the same to each tensor of its lists, in one call.
    """
    lr, (beta1, beta2) = float(group["lr"]), map(float, group["betas"])
    m, v = (as_real([state[name] for state in states]) for name in ("exp_avg", "exp_avg_sq"))
    t = count_step(states)
    torch._foreach_lerp_(m, g, 1 - beta1)
    torch._foreach_mul_(v, beta2)
    torch._foreach_addcmul_(v, g, g, 1 - beta2)
    if group["amsgrad"]:
        largest = as_real([state["max_exp_avg_sq"] for state in states])
        torch._foreach_maximum_(largest, v)
        v = largest
    # √v̂ + ε, and m divided by it: the correction of m goes into the step size.
    denominator = torch._foreach_sqrt(v)
    torch._foreach_div_(denominator, [math.sqrt(1 - beta2**steps) for steps in t])
    torch._foreach_add_(denominator, group["eps"])
    torch._foreach_addcdiv_(w, m, denominator, [-lr / (1 - beta1**steps) for steps in t])


def _check_betas(betas: tuple[float | Tensor, float | Tensor]) -> None:
    for index, beta in enumerate(betas):
        if not 0 <= beta < 1:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}")
    if not any(all(isinstance(beta, kind) for beta in betas) for kind in (float, Tensor)):
        raise ValueError("betas must be either both floats or both Tensors")
