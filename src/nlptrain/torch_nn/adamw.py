"""AdamW by hand, equivalent to PyTorch's: Adam except for one line."""

from typing import Any

from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.adam import Adam


class AdamW(Adam):
    """Adam with decoupled weight decay.

    Step t on the weights w with the gradient g of the loss:

        w ← w − α λ w                     α: lr, λ: weight_decay
        the rest of Adam's step, with g unchanged

    The decay does not enter the running means, nor is it divided by them.

    Source: Loshchilov and Hutter (2019), "Decoupled Weight Decay Regularization", Algorithm 2,
    with the decay proportional to lr as in PyTorch.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)

    def _decay(self, w: Tensor, g: Tensor, group: dict[str, Any]) -> Tensor:
        """Shrink the parameter; the gradient is unchanged."""
        w.mul_(float(1 - group["lr"] * group["weight_decay"]))
        return g
