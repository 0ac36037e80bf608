"""SGD and AdamW without a schedule, by hand: they predict with an average of what they train."""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand, count_step, new_count


class ScheduleFree(OptimizerByHand):
    """What both have in common: three sequences in place of a decaying learning rate.

    Step t, with a direction d computed from the gradient at y, where the weights stand:

        α ← lr min(1, t / warmup_steps)
        c = α̂² / Σ α̂²                     α̂: the largest α so far; the sum is state weight_sum
        z ← z − α d                       from the initial weights; state z
        x ← (1 − c) x + c z               the average, which predicts
        y = (1 − β) z + β x               β: momentum, or the first of betas

    x is not kept: it follows from y and z. Each parameter has its own t.

    Source: Defazio, Yang, Mehta, Mishchenko, Khaled and Cutkosky (2024), "The Road Less
    Scheduled", Algorithm 1, with the weights c of its authors' package.
    """

    def average(self, weight: Tensor) -> Tensor | None:
        """Compute a parameter's average x; None before its first step."""
        z = self.state[weight].get("z")
        beta = next(self._beta(group) for group in self.param_groups if _has(group, weight))
        return None if z is None else weight.lerp(z, 1 - 1 / beta)

    def _beta(self, group: dict[str, Any]) -> float:
        """Choose how far y is from z, towards x."""
        beta: float = group["momentum"] if "momentum" in group else group["betas"][0]
        return beta

    def _start(self, w: Tensor, state: dict[str, Any]) -> None:
        state["z"] = w.clone()
        state["step"] = new_count()
        # Plain numbers: load_state_dict would round tensors to the precision of the parameter.
        state["weight_sum"] = state["lr_max"] = 0.0

    def _move(
        self, w: Tensor, direction: Tensor, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Update y and z by the direction."""
        t, warmup = state["step"].item(), group["warmup_steps"]
        rate = float(group["lr"]) * (min(1.0, t / warmup) if warmup else 1.0)
        largest = max(rate, float(state["lr_max"]))
        total = float(state["weight_sum"]) + largest * largest
        share = largest * largest / total if total else 0.0
        state["lr_max"], state["weight_sum"] = largest, total
        w.lerp_(state["z"], share)
        w.add_(direction, alpha=rate * (self._beta(group) * (1 - share) - 1))
        state["z"].sub_(direction, alpha=rate)


class SGDScheduleFree(ScheduleFree):
    """Schedule-free SGD: its direction is g + λ y, with the gradient g at y (λ: weight_decay)."""

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1.0,
        momentum: float = 0.9,
        weight_decay: float = 0,
        warmup_steps: int = 0,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        if not 0 < momentum < 1:
            raise ValueError(f"Momentum must be between 0 and 1 exclusive: {momentum}")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "warmup_steps": warmup_steps,
        }
        super().__init__(params, defaults)

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            self._start(w, state)
        count_step(state)
        self._move(w, g, state, group)


class AdamWScheduleFree(ScheduleFree):
    """Schedule-free AdamW: the gradient is divided as in Adam, the average takes Adam's m's place.

    v ← β₂ v + (1 − β₂) g²            from 0; state exp_avg_sq
    d = g / (√(v / (1 − β₂ᵗ)) + ε) + λ y        ε: eps, λ: weight_decay
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 2.5e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        warmup_steps: int = 0,
    ) -> None:
        """Set the options of the formula, which each parameter group may override.

        Raises:
            ValueError: An option is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        if betas[0] == 0:
            raise ValueError(f"Invalid beta parameter at index 0: {betas[0]}")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "warmup_steps": warmup_steps,
        }
        super().__init__(params, defaults)

    def _decay(self, w: Tensor, g: Tensor, group: dict[str, Any]) -> Tensor:  # noqa: ARG002
        """Leave the gradient as it is; the decay joins the direction."""
        return g

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            self._start(w, state)
            state["exp_avg_sq"] = torch.zeros_like(w)
        beta2, t = group["betas"][1], count_step(state)
        v = state["exp_avg_sq"].mul_(beta2).addcmul_(g, g, value=1 - beta2)
        root = v.div(1 - beta2**t).sqrt_().add_(group["eps"])
        direction = g.div(root).add_(w, alpha=group["weight_decay"])
        self._move(w, direction, state, group)


def _has(group: dict[str, Any], weight: Tensor) -> bool:
    return any(each is weight for each in group["params"])
