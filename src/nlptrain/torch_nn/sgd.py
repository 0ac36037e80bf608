"""Stochastic gradient descent written out, beside PyTorch's: the same updates, options, state."""

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
    gradients_of,
    weights_with_gradient,
)


class SGD(torch.optim.Optimizer):
    """Gradient descent with momentum, Nesterov's momentum and L2 weight decay.

    Each step on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        b ← μ b + (1 − τ) g               μ: momentum, τ: dampening; state momentum_buffer
        d = b, or g + μ b if nesterov, or g without momentum
        w ← w − α d                       α: lr

    A parameter's first b is its first g, undampened.

    Source: Sutskever, Martens, Dahl and Hinton (2013), "On the importance of initialization and
    momentum in deep learning", with PyTorch's α outside of b.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        """Take the parameters and the options, which a parameter group may replace for itself.

        Args:
            params: Tensors, (name, tensor) pairs, or dictionaries of a group each.
            lr: Step size α.
            momentum: Share μ of b that is kept.
            dampening: Share τ of the gradient that b does not take.
            weight_decay: Strength λ of the L2 penalty.
            nesterov: Look ahead along the momentum.
            maximize: Climb instead of descend.

        Raises:
            ValueError: An option out of its range, or a tensor in two groups.
            TypeError: `params` is no iterable of what it may hold.
        """
        check_learning_rate(lr)
        check_not_negative(momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
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
            RuntimeError: A gradient is sparse, which PyTorch's would take.
        """
        loss = call_closure(closure)
        for group in self.param_groups:
            weights = weights_with_gradient(group, "SGD by hand does not support sparse gradients")
            if weights:
                w, g = as_real(weights), gradients_of(weights, maximize=group["maximize"])
                g = add_decay(g, w, group["weight_decay"])
                if group["momentum"] != 0:
                    g = self._follow_momentum(weights, g, group)
                torch._foreach_add_(w, g, alpha=-float(group["lr"]))
        return loss

    def _follow_momentum(
        self, weights: list[Tensor], g: list[Tensor], group: dict[str, Any]
    ) -> list[Tensor]:
        """Update the momentum of each parameter, and tell the directions d."""
        momentum, buffers = group["momentum"], []
        for weight, gradient in zip(weights, g, strict=True):
            state = self.state[weight]
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = torch.empty_like(weight)
                (buffer,) = as_real([state["momentum_buffer"]])
                buffer.copy_(gradient)
            else:
                (buffer,) = as_real([state["momentum_buffer"]])
                buffer.mul_(momentum).add_(gradient, alpha=1 - group["dampening"])
            buffers.append(buffer)
        return (
            list(torch._foreach_add(g, buffers, alpha=momentum)) if group["nesterov"] else buffers
        )
