"""Stochastic gradient descent with momentum, Nesterov momentum and weight decay, as in torch."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Sgd(Optimizer):
    """w ← w − α d, with d = g + λw, or with momentum μ: b ← μ b + g + λw, d = b.

    Nesterov's d is g + λw + μ b. The first b is the gradient itself (torch's convention).
    """

    counts_steps = False

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, *(("momentum_buffer",) if momentum else ()))
        self._momentum, self._nesterov = momentum, nesterov
        self._weight_decay = weight_decay

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch = self._scratch
        self._decay(gradient, learning_rate)
        if self._momentum:
            buffer = self._vectors["momentum_buffer"]
            buffer *= self._momentum if self._steps else 0.0
            buffer += gradient
            if self._nesterov:
                gradient += np.multiply(buffer, self._momentum, out=scratch)
            else:
                gradient = buffer
        self._steps += 1
        rate = in_precision_of(scratch, learning_rate)
        self._weights -= np.multiply(gradient, rate, out=scratch)
