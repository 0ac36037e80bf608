"""NAdam by hand, equivalent to PyTorch's: same updates, options and state."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class NAdam(OptimizerByHand):
    """Adam with Nesterov momentum, whose momentum grows towards β₁.

    Step t on the weights w with the gradient g of the loss:

        g ← −g                            if maximize
        g ← g + λ w                       λ: weight_decay; if decoupled_weight_decay,
                                          w ← w − α λ w instead
        μₜ = β₁ (1 − ½ · 0.96^(t ψ))      β₁, β₂: betas; ψ: momentum_decay
        m ← β₁ m + (1 − β₁) g             from 0; state exp_avg
        v ← β₂ v + (1 − β₂) g²            from 0; state exp_avg_sq
        m̂ = μₜ₊₁ m / (1 − Πᵢ₌₁ᵗ⁺¹ μᵢ) + (1 − μₜ) g / (1 − Πᵢ₌₁ᵗ μᵢ)      state mu_product
        w ← w − α m̂ / (√(v / (1 − β₂ᵗ)) + ε)                           α: lr, ε: eps

    Each parameter has its own t, which counts only the steps in which it has a gradient.

    Source: Dozat (2016), "Incorporating Nesterov Momentum into Adam", Algorithm 2, with
    PyTorch's weight decay.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
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
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        if not state:
            state["step"] = new_count()
            state["mu_product"] = new_count() + 1
            state["exp_avg"] = torch.zeros_like(w)
            state["exp_avg_sq"] = torch.zeros_like(w)
        lr, (beta1, beta2), t = float(group["lr"]), group["betas"], count_step(state)
        mu, next_mu = (
            beta1 * (1 - 0.5 * 0.96 ** (step * group["momentum_decay"])) for step in (t, t + 1)
        )
        # A new tensor: load_state_dict may have made it as precise as the weights.
        state["mu_product"] = (new_count() + state["mu_product"].item()).mul_(mu)
        product = state["mu_product"].item()
        m = state["exp_avg"].lerp_(g, 1 - beta1)
        v = state["exp_avg_sq"].mul_(beta2).addcmul_(g, g, value=1 - beta2)
        root = v.div(1 - beta2**t).sqrt_().add_(group["eps"])
        w.addcdiv_(g, root, value=-lr * (1 - mu) / (1 - product))
        w.addcdiv_(m, root, value=-lr * next_mu / (1 - product * next_mu))
