"""Stochastic gradient descent, with torch's momentum, Nesterov and weight decay."""

from collections.abc import Mapping

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer_state import in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Sgd:
    """w ← w − α d, with d = g + λw, or with momentum μ: b ← μ b + g + λw, d = b.

    Nesterov's d is g + λw + μ b. The first b is the gradient itself (torch's convention).
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        """Take the parameters that `step` updates in place."""
        self._weights = parameters.vector
        self._momentum, self._nesterov = momentum, nesterov
        self._weight_decay = weight_decay
        self._buffer = parameters.like() if momentum else None
        self._scratch = np.empty_like(parameters.vector)
        self._steps = 0

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once; the gradient (…, P) is used up.

        Args:
            gradient: Of the loss, by the parameters.
            learning_rate: α, or one in float64 for each network side by side (M, 1).
        """
        scratch = self._scratch
        if self._weight_decay:
            gradient += np.multiply(self._weights, self._weight_decay, out=scratch)
        if self._buffer is not None:
            buffer = self._buffer.vector
            buffer *= self._momentum if self._steps else 0.0
            buffer += gradient
            if self._nesterov:
                gradient += np.multiply(buffer, self._momentum, out=scratch)
            else:
                gradient = buffer
        self._steps += 1
        rate = in_precision_of(scratch, learning_rate)
        self._weights -= np.multiply(gradient, rate, out=scratch)

    def state(self) -> dict[str, Floats]:
        """Copy out the state by key and parameter, as torch names it."""
        if self._buffer is None or not self._steps:
            return {}
        views = self._buffer.views
        return {f"momentum_buffer.{name}": view.copy() for name, view in views.items()}

    def load_state(self, state: Mapping[str, Floats]) -> None:
        """Take what `state` gave."""
        if self._buffer is not None and state:
            self._buffer.fill(
                {name: state[f"momentum_buffer.{name}"] for name in self._buffer.views}
            )
            self._steps = 1
