"""Adam by hand."""

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, Algorithm 1), with L2 weight decay λ and AMSGrad as in torch.

    g ← g + λw; m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²;
    w ← w − α (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε). AMSGrad replaces v by the largest so far.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        self._betas, self._eps, self._weight_decay = betas, eps, weight_decay
        largest = ("max_exp_avg_sq",) if amsgrad else ()
        super().__init__(parameters, "exp_avg", "exp_avg_sq", *largest)

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        scratch, vectors = self._scratch, self._vectors
        m, v = vectors["exp_avg"], vectors["exp_avg_sq"]
        beta1, beta2 = self._betas
        self._steps += 1
        self._decay(gradient, learning_rate)
        self._move_mean(m, gradient, beta1)
        self._move_mean_square(v, gradient, beta2)
        if "max_exp_avg_sq" in vectors:
            largest = vectors["max_exp_avg_sq"]
            v = np.maximum(largest, v, out=largest)
        np.sqrt(v, out=scratch)
        scratch /= (1 - beta2**self._steps) ** 0.5
        scratch += self._eps
        np.divide(m, scratch, out=scratch)
        scratch *= in_precision_of(scratch, learning_rate / (1 - beta1**self._steps))
        self._weights -= scratch
