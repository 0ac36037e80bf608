"""Stochastic gradient descent by hand, equivalent to PyTorch's: same updates, options and state."""

from typing import Any

from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand


class SGD(OptimizerByHand):
    """Gradient descent with momentum, Nesterov momentum and L2 weight decay.

    Each step on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay
        b ← μ b + (1 − τ) g               μ: momentum, τ: dampening; state momentum_buffer
        d = b, or g + μ b if nesterov, or g without momentum
        w ← w − α d                       α: lr

    A parameter's first b is its first g, without dampening.

    Source: Sutskever, Martens, Dahl and Hinton (2013), "On the importance of initialization and
    momentum in deep learning", with α outside of b as in PyTorch.
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
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        momentum = group["momentum"]
        if momentum != 0:
            if "momentum_buffer" in state:
                b = state["momentum_buffer"].mul_(momentum).add_(g, alpha=1 - group["dampening"])
            else:
                b = state["momentum_buffer"] = g.clone()
            g = g.add(b, alpha=momentum) if group["nesterov"] else b
        w.sub_(g, alpha=float(group["lr"]))
