"""Adagrad by hand."""

from collections.abc import Mapping

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer_state import OptimizerState, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Adagrad:
    """Adagrad (Duchi, Hazan and Singer 2011), with torch's L2 weight decay λ and rate decay η.

    g ← g + λw; s ← s + g²; w ← w − α / (1 + (t − 1) η) · g / (√s + ε). The sum s starts from
    `initial_accumulator_value`, which keeps the first steps from being of full size.
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
        """Take the parameters that `step` updates in place."""
        self._weights = parameters.vector
        self._lr_decay, self._weight_decay, self._eps = lr_decay, weight_decay, eps
        self._state = OptimizerState(parameters, "sum")
        self._state.vectors["sum"] += initial_accumulator_value
        self._scratch = np.empty_like(parameters.vector)

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once; the gradient (…, P) is used up.

        Args:
            gradient: Of the loss, by the parameters.
            learning_rate: α, or one in float64 for each network side by side (M, 1).
        """
        scratch, total = self._scratch, self._state.vectors["sum"]
        if self._weight_decay:
            gradient += np.multiply(self._weights, self._weight_decay, out=scratch)
        total += np.multiply(gradient, gradient, out=scratch)
        np.sqrt(total, out=scratch)
        scratch += self._eps
        gradient /= scratch
        rate = learning_rate / (1 + self._state.steps * self._lr_decay)
        gradient *= in_precision_of(gradient, rate)
        self._weights -= gradient
        self._state.steps += 1

    def state(self) -> dict[str, Floats]:
        """Copy out the state by key and parameter, as torch names it."""
        return self._state.save()

    def load_state(self, state: Mapping[str, Floats]) -> None:
        """Take what `state` gave."""
        self._state.load(state)
