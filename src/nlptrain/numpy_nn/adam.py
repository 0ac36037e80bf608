"""Adam by hand."""

from collections.abc import Mapping

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.parameters import ParameterVector


class Adam:
    """Adam (Kingma and Ba 2015, Algorithm 1), with L2 weight decay λ and AMSGrad as in torch.

    g ← g + λw; m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²;
    w ← w − α (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε). AMSGrad puts the largest v so far for v.
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
        """Take the parameters that `step` updates in place."""
        self._parameters = parameters
        self._betas, self._eps, self._weight_decay = betas, eps, weight_decay
        self._moments = {"exp_avg": parameters.like(), "exp_avg_sq": parameters.like()}
        if amsgrad:
            self._moments["max_exp_avg_sq"] = parameters.like()
        self._scratch = np.empty_like(parameters.vector)
        self._steps = 0

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once; the gradient (…, P) is used up.

        Networks side by side may each have a learning rate of its own: (…, 1), in float64.
        """
        weights, scratch = self._parameters.vector, self._scratch
        m, v = self._moments["exp_avg"].vector, self._moments["exp_avg_sq"].vector
        beta1, beta2 = self._betas
        self._steps += 1
        if self._weight_decay:
            gradient += np.multiply(weights, self._weight_decay, out=scratch)
        # m ← m + (1 − β₁)(g − m), which is the same and rounds as torch does.
        np.subtract(gradient, m, out=scratch)
        scratch *= 1 - beta1
        m += scratch
        v *= beta2
        np.multiply(gradient, gradient, out=scratch)
        scratch *= 1 - beta2
        v += scratch
        if "max_exp_avg_sq" in self._moments:
            largest = self._moments["max_exp_avg_sq"].vector
            v = np.maximum(largest, v, out=largest)
        np.sqrt(v, out=scratch)
        scratch /= (1 - beta2**self._steps) ** 0.5
        scratch += self._eps
        np.divide(m, scratch, out=scratch)
        # Rounded once, in double precision until then: rates of networks side by side as one alone.
        scratch *= np.asarray(learning_rate / (1 - beta1**self._steps), scratch.dtype)
        weights -= scratch

    def state(self) -> dict[str, Floats]:
        """Copy out the state by key and parameter, as torch names it."""
        if not self._steps:
            return {}
        state = {
            f"{key}.{name}": view.copy()
            for key, moment in self._moments.items()
            for name, view in moment.views.items()
        }
        steps = np.array(self._steps, np.float32)
        return state | {f"step.{name}": steps for name in self._parameters.views}

    def load_state(self, state: Mapping[str, Floats]) -> None:
        """Take what `state` gave."""
        for key, moment in self._moments.items():
            if state:
                moment.fill({name: state[f"{key}.{name}"] for name in moment.views})
        counts = [int(array) for key, array in state.items() if key.startswith("step.")]
        self._steps = counts[0] if counts else 0
