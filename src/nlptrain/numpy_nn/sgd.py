"""Stochastic gradient descent, with torch's momentum, Nesterov and weight decay."""

from collections.abc import Mapping

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
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
        self._parameters = parameters
        self._momentum, self._nesterov = momentum, nesterov
        self._weight_decay = weight_decay
        self._buffer = parameters.like() if momentum else None
        self._steps = 0

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once; the gradient (…, P) is used up.

        Networks side by side may each have a learning rate of its own: (…, 1), in float64.
        """
        weights = self._parameters.vector
        if self._weight_decay:
            gradient += self._weight_decay * weights
        if self._buffer is not None:
            buffer = self._buffer.vector
            buffer *= self._momentum if self._steps else 0.0
            buffer += gradient
            if self._nesterov:
                gradient += self._momentum * buffer
            else:
                gradient = buffer
        self._steps += 1
        weights -= np.asarray(learning_rate, weights.dtype) * gradient

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
