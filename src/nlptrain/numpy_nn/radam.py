"""RAdam by hand."""

import math

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class RAdam(Optimizer):
    """RAdam (Liu et al. 2020, Algorithm 2), with torch's weight decay λ and its bound of 5.

    g ← g + λw; m and v as in Adam; ρ∞ = 2 / (1 − β₂) − 1; ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ). If ρ > 5:
    w ← w − α r m̂ √(1 − β₂ᵗ) / (√v + ε) with r² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ), or
    else w ← w − α m̂. Decoupled: w ← w − α λ w in place of the first.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
    ) -> None:
        self._betas, self._eps = betas, eps
        self._weight_decay, self._decay_is_decoupled = weight_decay, decoupled_weight_decay
        super().__init__(parameters, "exp_avg", "exp_avg_sq")

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, vectors = self._scratch, self._vectors
        m, v = vectors["exp_avg"], vectors["exp_avg_sq"]
        beta1, beta2 = self._betas
        self._steps += 1
        self._decay(gradient, learning_rate)
        self._move_mean(m, gradient, beta1)
        self._move_mean_square(v, gradient, beta2)
        rate = learning_rate / (1 - beta1**self._steps)
        rectification = self._rectify()
        if rectification is None:
            np.multiply(m, in_precision_of(m, rate), out=scratch)
        else:
            np.sqrt(v, out=scratch)
            scratch += self._eps
            np.divide(m, scratch, out=scratch)
            scratch *= in_precision_of(m, rate * rectification)
        self._weights -= scratch

    def _rectify(self) -> float | None:
        """Compute r √(1 − β₂ᵗ); None while the mean square is not known well enough."""
        beta2, t = self._betas[1], self._steps
        limit = 2 / (1 - beta2) - 1
        length = limit - 2 * t * beta2**t / (1 - beta2**t)
        if length <= 5:
            return None
        part, whole = ((each - 4) * (each - 2) / each for each in (length, limit))
        return math.sqrt(part / whole * (1 - beta2**t))
