"""Adagrad by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Adagrad(Optimizer):
    """Adagrad (Duchi, Hazan and Singer 2011), with torch's L2 weight decay λ and rate decay η.

    g ← g + λw; s ← s + g²; w ← w − α / (1 + (t − 1) η) · g / (√s + ε). The sum s starts from
    `initial_accumulator_value`; above 0, it makes the first steps smaller.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        self._lr_decay, self._weight_decay, self._eps = lr_decay, weight_decay, eps
        super().__init__(parameters, "sum")
        self._vectors["sum"] += initial_accumulator_value

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, total = self._scratch, self._vectors["sum"]
        self._decay(gradient, learning_rate)
        total += np.multiply(gradient, gradient, out=scratch)
        np.sqrt(total, out=scratch)
        scratch += self._eps
        gradient /= scratch
        rate = learning_rate / (1 + self._steps * self._lr_decay)
        gradient *= in_precision_of(gradient, rate)
        self._weights -= gradient
        self._steps += 1
