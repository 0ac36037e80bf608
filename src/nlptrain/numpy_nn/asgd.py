"""Averaged stochastic gradient descent by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Asgd(Optimizer):
    """Averaged SGD (Polyak and Juditsky 1992), with torch's step size and weight decay λ'.

    g ← g + λ'w; w ← w − η λ w − η g; a ← a + μ (w − a); η ← α / (1 + λ α t)^κ, at first α;
    μ ← 1 / max(1, t − t₀), at first 1. The average a predicts. κ is the setting `alpha`.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
    ) -> None:
        self._lambd, self._alpha, self._t0 = lambd, alpha, t0
        self._weight_decay = weight_decay
        # torch keeps both in float32, and so do we.
        numbers = {"eta": np.float32(0), "mu": np.float32(1)}
        super().__init__(parameters, "ax", numbers=numbers)

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, average = self._scratch, self._vectors["ax"]
        if not self._steps:
            self._numbers["eta"] = np.array(learning_rate, np.float32)
        self._steps += 1
        self._decay(gradient, learning_rate)
        eta, mu = self._numbers["eta"].astype(np.float64), float(self._numbers["mu"])
        self._weights *= in_precision_of(scratch, 1 - self._lambd * eta)
        self._weights -= np.multiply(gradient, in_precision_of(scratch, eta), out=scratch)
        if mu == 1:
            np.copyto(average, self._weights)
        else:
            np.subtract(self._weights, average, out=scratch)
            scratch *= mu
            average += scratch
        self._numbers["eta"] = self._next_eta(learning_rate)
        self._numbers["mu"] = np.float32(1 / max(1, self._steps - self._t0))

    def average(self) -> Floats | None:
        """Return the averaged parameters (…, P), or None before the first step."""
        return self._vectors["ax"] if self._steps else None

    def _next_eta(self, learning_rate: float | Floats) -> Floats:
        # NumPy may round the power of an array otherwise than that of one number.
        rates = np.ravel(learning_rate).tolist()
        etas = [rate / (1 + self._lambd * rate * self._steps) ** self._alpha for rate in rates]
        return np.reshape(np.array(etas, np.float32), np.shape(learning_rate))
