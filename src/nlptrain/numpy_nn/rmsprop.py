"""RMSprop by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Rmsprop(Optimizer):
    """RMSprop (Hinton 2012, lecture 6e), with torch's L2 weight decay λ, momentum μ and centring.

    g ← g + λw; v ← α v + (1 − α) g²; d = g / (√v + ε); b ← μ b + d; w ← w − learning_rate b.
    Centred: ḡ ← α ḡ + (1 − α) g, and v − ḡ² replaces v (Graves 2013, equation 40).
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        self._alpha, self._eps = alpha, eps
        self._weight_decay, self._momentum = weight_decay, momentum
        buffer = ("momentum_buffer",) if momentum else ()
        mean = ("grad_avg",) if centered else ()
        super().__init__(parameters, "square_avg", *buffer, *mean)

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        vectors = self._vectors
        self._steps += 1
        self._decay(gradient, learning_rate)
        gradient /= self._root_mean_square(gradient)
        update = gradient
        if "momentum_buffer" in vectors:
            update = vectors["momentum_buffer"]
            update *= self._momentum
            update += gradient
        rate = in_precision_of(gradient, learning_rate)
        self._weights -= np.multiply(update, rate, out=gradient)

    def _root_mean_square(self, gradient: Floats) -> Floats:
        """Update the running means, and compute the gradient's divisor (…, P)."""
        scratch, vectors = self._scratch, self._vectors
        v = vectors["square_avg"]
        self._move_mean_square(v, gradient, self._alpha)
        if "grad_avg" in vectors:
            mean = vectors["grad_avg"]
            self._move_mean(mean, gradient, self._alpha)
            np.multiply(mean, mean, out=scratch)
            v = np.subtract(v, scratch, out=scratch)
        np.sqrt(v, out=scratch)
        scratch += self._eps
        return scratch
