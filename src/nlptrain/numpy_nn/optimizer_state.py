"""What an optimizer remembers between two steps, under torch's names."""

from collections.abc import Mapping

import numpy as np

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.parameters import ParameterVector


class OptimizerState:
    """Vectors of the parameters' shape, 0 at first, and a count of steps.

    Attributes:
        vectors: (…, P) by torch's name of the quantity; to be changed in place.
        steps: How many steps were taken.
    """

    def __init__(self, parameters: ParameterVector, *names: str) -> None:
        """Begin with zeros for each name."""
        self._arrays = {name: parameters.like() for name in names}
        self.vectors = {name: each.vector for name, each in self._arrays.items()}
        self._parameters = parameters
        self.steps = 0

    def save(self) -> dict[str, Floats]:
        """Copy everything out by key and parameter: `exp_avg.head.0.weight`, `step.head.0.weight`.

        Before the first step there is nothing.
        """
        if not self.steps:
            return {}
        state = {
            f"{key}.{name}": view.copy()
            for key, array in self._arrays.items()
            for name, view in array.views.items()
        }
        steps = np.array(self.steps, np.float32)
        return state | {f"step.{name}": steps for name in self._parameters.views}

    def load(self, state: Mapping[str, Floats]) -> None:
        """Take what `save` gave."""
        if not state:
            return
        for key, array in self._arrays.items():
            array.fill({name: state[f"{key}.{name}"] for name in array.views})
        self.steps = max(int(a) for key, a in state.items() if key.startswith("step."))


def in_precision_of(vector: Floats, factor: float | Floats) -> float | Floats:
    """Round a factor for each network (M, 1) to the precision of a vector (M, P).

    NumPy does so with a plain float by itself. With both, networks side by side get the numbers
    that each gets alone.
    """
    return factor.astype(vector.dtype) if isinstance(factor, np.ndarray) else factor
