"""RMSprop written out, beside PyTorch's: the same updates, the same options, the same state."""

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


class RMSprop(torch.optim.Optimizer):
    """RMSprop with momentum, centring and L2 weight decay.

    Each step on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        v ← α v + (1 − α) g²              from 0; state square_avg
        ḡ ← α ḡ + (1 − α) g               if centered; from 0; state grad_avg
        d = g / (√v + ε)                  if centered, v − ḡ² in place of v
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
        """Take the parameters and the options, which a parameter group may replace for itself.

        Args:
            params: Tensors, (name, tensor) pairs, or dictionaries of a group each.
            lr: Step size.
            alpha: Decay α of the running means.
            eps: ε, added to the root.
            weight_decay: Strength λ of the L2 penalty.
            momentum: Share μ of the last update that is kept.
            centered: Divide by the root of the variance instead of the mean square.
            maximize: Climb instead of descend.

        Raises:
            ValueError: An option out of its range, or a tensor in two groups.
            TypeError: `params` is no iterable of what it may hold.
        """
        check_learning_rate(lr)
        check_not_negative(epsilon=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
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
        for group in self.param_groups:
            weights = weights_with_gradient(group, "RMSprop does not support sparse gradients")
            if weights:
                _update(weights, [self._state_of(each, group) for each in weights], group)
        return loss

    def _state_of(self, weight: Tensor, group: dict[str, Any]) -> dict[str, Tensor]:
        state: dict[str, Tensor] = self.state[weight]
        if not state:
            state["step"] = new_count()
            state["square_avg"] = torch.zeros_like(weight)
            if group["momentum"] > 0:
                state["momentum_buffer"] = torch.zeros_like(weight)
            if group["centered"]:
                state["grad_avg"] = torch.zeros_like(weight)
        return state


def _update(weights: list[Tensor], states: list[dict[str, Tensor]], group: dict[str, Any]) -> None:
    """Take one step on weights that all have a gradient.

    A `_foreach_` function does the same to each tensor of its lists, in one call.
    """
    w, g = as_real(weights), gradients_of(weights, maximize=group["maximize"])
    g = add_decay(g, w, group["weight_decay"])
    denominator = _root_mean_square(g, states, group)
    count_step(states)
    lr = float(group["lr"])
    if group["momentum"] > 0:
        buffers = as_real([state["momentum_buffer"] for state in states])
        torch._foreach_mul_(buffers, group["momentum"])
        torch._foreach_addcdiv_(buffers, g, denominator)
        torch._foreach_add_(w, buffers, alpha=-lr)
    else:
        torch._foreach_addcdiv_(w, g, denominator, -lr)


def _root_mean_square(
    g: list[Tensor], states: list[dict[str, Tensor]], group: dict[str, Any]
) -> list[Tensor]:
    """Update the running means, and compute what the gradients are divided by."""
    alpha = group["alpha"]
    v = as_real([state["square_avg"] for state in states])
    torch._foreach_mul_(v, alpha)
    torch._foreach_addcmul_(v, g, g, 1 - alpha)
    if group["centered"]:
        means = as_real([state["grad_avg"] for state in states])
        torch._foreach_lerp_(means, g, 1 - alpha)
        v = list(torch._foreach_addcmul(v, means, means, -1))
    roots = list(torch._foreach_sqrt(v))
    torch._foreach_add_(roots, group["eps"])
    return roots
