"""Rprop by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer
from nlptrain.numpy_nn.parameters import ParameterVector


class Rprop(Optimizer):
    """Rprop (Riedmiller and Braun 1993) without weight backtracking, as in torch.

    For each weight: Δ ← min(η⁺ Δ, Δmax) if g has the sign of the last g; if it has the other sign,
    Δ ← max(η⁻ Δ, Δmin) and g ← 0; w ← w − sign(g) Δ. The first Δ is the learning rate, which has
    no other effect.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
    ) -> None:
        self._etas, self._limits = etas, step_sizes
        super().__init__(parameters, "prev", "step_size")
        self._agrees, self._differs = (np.empty(self._weights.shape, np.bool_) for _ in range(2))

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, prev, size = self._scratch, self._vectors["prev"], self._vectors["step_size"]
        if not self._steps:
            size[...] = learning_rate
        self._steps += 1
        shrink, grow = self._etas
        np.multiply(gradient, prev, out=scratch)
        np.greater(scratch, 0, out=self._agrees)
        np.less(scratch, 0, out=self._differs)
        np.multiply(size, grow, out=size, where=self._agrees)
        np.multiply(size, shrink, out=size, where=self._differs)
        np.clip(size, *self._limits, out=size)
        np.copyto(gradient, 0, where=self._differs)
        np.copyto(prev, gradient)
        np.sign(gradient, out=scratch)
        scratch *= size
        self._weights -= scratch
