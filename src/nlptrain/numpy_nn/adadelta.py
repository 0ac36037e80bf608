"""Adadelta by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Adadelta(Optimizer):
    """Adadelta (Zeiler 2012, Algorithm 1), with torch's L2 weight decay λ and learning rate α.

    g ← g + λw; v ← ρ v + (1 − ρ) g²; Δ = √(u + ε) / √(v + ε) · g; u ← ρ u + (1 − ρ) Δ²;
    w ← w − α Δ.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
    ) -> None:
        self._rho, self._eps, self._weight_decay = rho, eps, weight_decay
        super().__init__(parameters, "square_avg", "acc_delta")

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, vectors = self._scratch, self._vectors
        v, u = vectors["square_avg"], vectors["acc_delta"]
        self._steps += 1
        self._decay(gradient, learning_rate)
        self._move_mean_square(v, gradient, self._rho)
        np.add(v, self._eps, out=scratch)
        np.sqrt(scratch, out=scratch)
        gradient /= scratch
        np.add(u, self._eps, out=scratch)
        np.sqrt(scratch, out=scratch)
        gradient *= scratch
        self._move_mean_square(u, gradient, self._rho)
        self._weights -= np.multiply(gradient, in_precision_of(u, learning_rate), out=scratch)
