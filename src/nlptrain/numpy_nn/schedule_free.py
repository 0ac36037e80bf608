"""SGD and AdamW without a schedule, by hand: they predict with an average of what they train."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class ScheduleFree(Optimizer):
    """What both have in common (Defazio et al. 2024, Algorithm 1).

    With a direction d, computed from the gradient at y, where the parameters stand:
    α ← α min(1, t / warmup_steps); c = α̂² / Σ α̂², with the largest α̂ so far; z ← z − α d;
    x ← (1 − c) x + c z; y = (1 − β) z + β x. The average x predicts; it follows from y and z.
    """

    def __init__(
        self, parameters: ParameterVector, *names: str, beta: float, warmup_steps: int
    ) -> None:
        self._beta, self._warmup_steps = beta, warmup_steps
        numbers = {"weight_sum": np.float64(0), "lr_max": np.float64(0)}
        super().__init__(parameters, "z", *names, numbers=numbers)

    def _move(self, direction: Floats, learning_rate: float | Floats) -> None:
        """Update y and z by the direction (…, P), which is overwritten."""
        scratch, numbers, y, z = self._scratch, self._numbers, self._weights, self._vectors["z"]
        t, warmup = self._steps, self._warmup_steps
        rate = np.float64(learning_rate) * (min(1.0, t / warmup) if warmup else 1.0)
        largest = np.maximum(rate, numbers["lr_max"])
        total = numbers["weight_sum"] + largest * largest
        share = np.divide(largest * largest, total, out=np.zeros_like(total), where=total > 0)
        numbers["lr_max"], numbers["weight_sum"] = largest, total
        np.subtract(z, y, out=scratch)
        scratch *= in_precision_of(scratch, share)
        y += scratch
        factor = rate * (1 - self._beta * (1 - share))
        y -= np.multiply(direction, in_precision_of(scratch, factor), out=scratch)
        direction *= in_precision_of(scratch, rate)
        z -= direction

    def _begin_step(self) -> None:
        if not self._steps:
            np.copyto(self._vectors["z"], self._weights)
        self._steps += 1

    def average(self) -> Floats | None:
        """Compute the average x (…, P), or None before the first step."""
        if not self._steps:
            return None
        np.subtract(self._vectors["z"], self._weights, out=self._scratch)
        self._scratch *= 1 - 1 / self._beta
        self._scratch += self._weights
        return self._scratch


class ScheduleFreeSgd(ScheduleFree):
    """Schedule-free SGD: d = g + λy."""

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        warmup_steps: int = 0,
    ) -> None:
        self._weight_decay = weight_decay
        super().__init__(parameters, beta=momentum, warmup_steps=warmup_steps)

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        self._begin_step()
        self._decay(gradient, learning_rate)
        self._move(gradient, learning_rate)


class ScheduleFreeAdamW(ScheduleFree):
    """Schedule-free AdamW: v ← β₂ v + (1 − β₂) g²; d = g / (√(v / (1 − β₂ᵗ)) + ε) + λy."""

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        warmup_steps: int = 0,
    ) -> None:
        self._beta2, self._eps, self._weight_decay = betas[1], eps, weight_decay
        super().__init__(parameters, "exp_avg_sq", beta=betas[0], warmup_steps=warmup_steps)

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, v = self._scratch, self._vectors["exp_avg_sq"]
        self._begin_step()
        self._move_mean_square(v, gradient, self._beta2)
        np.divide(v, 1 - self._beta2**self._steps, out=scratch)
        np.sqrt(scratch, out=scratch)
        scratch += self._eps
        gradient /= scratch
        self._decay(gradient, learning_rate)
        self._move(gradient, learning_rate)
