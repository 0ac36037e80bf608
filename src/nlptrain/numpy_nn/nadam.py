"""NAdam by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class NAdam(Optimizer):
    """NAdam (Dozat 2016, Algorithm 2), with torch's weight decay λ.

    g ← g + λw; m and v as in Adam; μₜ = β₁ (1 − ½ · 0.96^(t ψ));
    m̂ = μₜ₊₁ m / (1 − Πᵢ₌₁ᵗ⁺¹ μᵢ) + (1 − μₜ) g / (1 − Πᵢ₌₁ᵗ μᵢ);
    w ← w − α m̂ / (√(v / (1 − β₂ᵗ)) + ε). Decoupled: w ← w − α λ w in place of the first.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
    ) -> None:
        self._betas, self._eps, self._momentum_decay = betas, eps, momentum_decay
        self._weight_decay, self._decay_is_decoupled = weight_decay, decoupled_weight_decay
        # torch keeps the product in float32, and so do we.
        super().__init__(parameters, "exp_avg", "exp_avg_sq", numbers={"mu_product": np.float32(1)})

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, vectors = self._scratch, self._vectors
        m, v = vectors["exp_avg"], vectors["exp_avg_sq"]
        beta1, beta2 = self._betas
        self._steps += 1
        self._decay(gradient, learning_rate)
        self._move_mean(m, gradient, beta1)
        self._move_mean_square(v, gradient, beta2)
        np.divide(v, 1 - beta2**self._steps, out=scratch)
        np.sqrt(scratch, out=scratch)
        scratch += self._eps
        mu, next_mu = self._mu(self._steps), self._mu(self._steps + 1)
        self._numbers["mu_product"] = self._numbers["mu_product"] * np.float32(mu)
        product = float(self._numbers["mu_product"])
        gradient /= scratch
        gradient *= in_precision_of(scratch, learning_rate * (1 - mu) / (1 - product))
        self._weights -= gradient
        np.divide(m, scratch, out=scratch)
        scratch *= in_precision_of(scratch, learning_rate * next_mu / (1 - product * next_mu))
        self._weights -= scratch

    def _mu(self, step: int) -> float:
        mu: float = self._betas[0] * (1 - 0.5 * 0.96 ** (step * self._momentum_decay))
        return mu
