"""Adamax by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Adamax(Optimizer):
    """Adamax (Kingma and Ba 2015, Algorithm 2), with torch's ε and L2 weight decay λ.

    g ← g + λw; m ← β₁ m + (1 − β₁) g; u ← max(β₂ u, |g| + ε); w ← w − α / (1 − β₁ᵗ) · m / u.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        self._betas, self._eps, self._weight_decay = betas, eps, weight_decay
        super().__init__(parameters, "exp_avg", "exp_inf")

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, m, u = self._scratch, self._vectors["exp_avg"], self._vectors["exp_inf"]
        beta1, beta2 = self._betas
        self._steps += 1
        self._decay(gradient, learning_rate)
        self._move_mean(m, gradient, beta1)
        np.abs(gradient, out=scratch)
        scratch += self._eps
        u *= beta2
        np.maximum(u, scratch, out=u)
        np.divide(m, u, out=scratch)
        scratch *= in_precision_of(scratch, learning_rate / (1 - beta1**self._steps))
        self._weights -= scratch
