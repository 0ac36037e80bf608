"""What the optimizers by hand have in common; their state has torch's names."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.parameters import ParameterVector


class Optimizer(ABC):
    """Updates parameters in place; its state is vectors of the same shape, initially 0.

    Attributes:
        counts_steps: Whether the step count belongs to the state, as in torch.
    """

    counts_steps = True

    def __init__(self, parameters: ParameterVector, *names: str) -> None:
        self._arrays = {name: parameters.like() for name in names}
        self._vectors = {name: each.vector for name, each in self._arrays.items()}
        self._parameters, self._weights = parameters, parameters.vector
        self._scratch = np.empty_like(parameters.vector)
        self._steps = 0

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of the state of each parameter, after the first step."""
        return (*self._arrays, "step") if self.counts_steps else tuple(self._arrays)

    @abstractmethod
    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once.

        Args:
            gradient: Of the loss by the parameters (…, P); overwritten.
            learning_rate: Step size, or one in float64 for each network side by side (M, 1).
        """

    def state(self) -> dict[str, Floats]:
        """Copy the state, by key and parameter: `exp_avg.head.0.weight`, `step.head.0.weight`.

        Empty before the first step.
        """
        if not self._steps:
            return {}
        state = {
            f"{key}.{name}": view.copy()
            for key, array in self._arrays.items()
            for name, view in array.views.items()
        }
        steps = np.array(self._steps, np.float32)
        names = self._parameters.views if self.counts_steps else ()
        return state | {f"step.{name}": steps for name in names}

    def load_state(self, state: Mapping[str, Floats]) -> None:
        """Restore what `state` returned."""
        if not state:
            return
        for key, array in self._arrays.items():
            array.fill({name: state[f"{key}.{name}"] for name in array.views})
        counts = [int(array) for key, array in state.items() if key.startswith("step.")]
        self._steps = max(counts, default=1)


def in_precision_of(vector: Floats, factor: float | Floats) -> float | Floats:
    """Round a factor for each network (M, 1) to the precision of a vector (M, P).

    NumPy does the same with a plain float. So networks side by side get the same numbers as alone.
    """
    return factor.astype(vector.dtype) if isinstance(factor, np.ndarray) else factor
