"""Lion by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Lion(Optimizer):
    """Lion (Chen et al. 2023, Program 1), with decoupled weight decay λ.

    w ← w − α λ w; w ← w − α sign(β₁ m + (1 − β₁) g); m ← β₂ m + (1 − β₂) g.
    """

    counts_steps = False
    _decay_is_decoupled = True

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        self._betas, self._weight_decay = betas, weight_decay
        super().__init__(parameters, "exp_avg")

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, m = self._scratch, self._vectors["exp_avg"]
        beta1, beta2 = self._betas
        self._steps += 1
        self._decay(gradient, learning_rate)
        gradient -= m
        np.multiply(gradient, 1 - beta1, out=scratch)
        scratch += m
        np.sign(scratch, out=scratch)
        scratch *= in_precision_of(scratch, learning_rate)
        self._weights -= scratch
        gradient *= 1 - beta2
        m += gradient
