"""Adagrad written out, beside PyTorch's: the same updates, the same options, the same state."""

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


class Adagrad(torch.optim.Optimizer):
    """Adagrad with L2 weight decay and a decaying learning rate.

    Step t on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        s ← s + g²                        from initial_accumulator_value; state sum
        α = lr / (1 + (t − 1) η)          η: lr_decay
        w ← w − α g / (√s + ε)

    Each parameter counts its own t, and only the steps in which it has a gradient.

    Source: Duchi, Hazan and Singer (2011), "Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization", with PyTorch's ε and decay.
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
        """Take the parameters and the options, which a parameter group may replace for itself.

        Args:
            params: Tensors, (name, tensor) pairs, or dictionaries of a group each.
            lr: Step size at first.
            lr_decay: How fast it shrinks, η.
            weight_decay: Strength λ of the L2 penalty.
            initial_accumulator_value: What the sum of squares starts from, in every group.
            eps: ε, added to the root.
            maximize: Climb instead of descend.

        Raises:
            ValueError: An option out of its range, or a tensor in two groups.
            TypeError: `params` is no iterable of what it may hold.
        """
        check_learning_rate(lr)
        check_not_negative(
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            epsilon=eps,
        )
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
                self._state_of(weight)

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
            RuntimeError: A gradient is sparse, which PyTorch's would take.
        """
        loss = call_closure(closure)
        refusal = "Adagrad by hand does not support sparse gradients"
        for group in self.param_groups:
            weights = weights_with_gradient(group, refusal)
            if weights:
                _update(weights, [self._state_of(each) for each in weights], group)
        return loss

    def _state_of(self, weight: Tensor) -> dict[str, Tensor]:
        state: dict[str, Tensor] = self.state[weight]
        if not state:
            start = self.defaults["initial_accumulator_value"]
            state["step"] = new_count()
            state["sum"] = torch.full_like(
                weight, complex(start, start) if weight.is_complex() else start
            )
        return state


def _update(weights: list[Tensor], states: list[dict[str, Tensor]], group: dict[str, Any]) -> None:
    """Take one step on weights that all have a gradient.

    A `_foreach_` function does the same to each tensor of its lists, in one call.
    """
    w, g = as_real(weights), gradients_of(weights, maximize=group["maximize"])
    g = add_decay(g, w, group["weight_decay"])
    sums = as_real([state["sum"] for state in states])
    torch._foreach_addcmul_(sums, g, g)
    roots = torch._foreach_sqrt(sums)
    torch._foreach_add_(roots, group["eps"])
    rates = [float(group["lr"]) / (1 + (t - 1) * group["lr_decay"]) for t in count_step(states)]
    torch._foreach_addcdiv_(w, g, roots, [-rate for rate in rates])
