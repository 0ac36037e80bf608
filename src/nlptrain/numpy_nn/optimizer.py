"""What the optimizers by hand have in common; their state has torch's names."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.parameters import ParameterVector


class Optimizer(ABC):
    """Updates parameters in place.

    Its state is vectors of the same shape, initially 0, and numbers that torch keeps for each
    parameter; here they are the same for all, or one for each network side by side (M, 1).

    Attributes:
        counts_steps: Whether the step count belongs to the state, as in torch.
    """

    counts_steps = True
    _weight_decay = 0.0
    _decay_is_decoupled = False

    def __init__(
        self,
        parameters: ParameterVector,
        *names: str,
        numbers: Mapping[str, np.floating[Any] | NDArray[np.floating[Any]]] | None = None,
    ) -> None:
        self._arrays = {name: parameters.like() for name in names}
        self._vectors = {name: each.vector for name, each in self._arrays.items()}
        self._numbers = dict(numbers or {})
        self._parameters, self._weights = parameters, parameters.vector
        self._scratch = np.empty_like(parameters.vector)
        self._steps = 0
        self._in_training: Floats | None = None

    @property
    def state_arrays(self) -> tuple[str, ...]:
        """The keys of the state that have a parameter's shape: `exp_avg.head.0.weight`."""
        return tuple(self.arrays())

    @property
    def state_numbers(self) -> tuple[str, ...]:
        """The keys of the state that are one number: `step.head.0.weight`."""
        keys = [*self._numbers, "step"] if self.counts_steps else [*self._numbers]
        return tuple(f"{key}.{name}" for key in keys for name in self._parameters.views)

    @abstractmethod
    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once.

        Args:
            gradient: Of the loss by the parameters (…, P); overwritten.
            learning_rate: Step size, or one in float64 for each network side by side (M, 1).
        """

    def _decay(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Add the L2 penalty's gradient, or shrink the parameters if the decay is decoupled."""
        if not self._weight_decay:
            return
        if self._decay_is_decoupled:
            factor = 1 - learning_rate * self._weight_decay
            self._weights *= in_precision_of(self._weights, factor)
        else:
            gradient += np.multiply(self._weights, self._weight_decay, out=self._scratch)

    def _move_mean(self, mean: Floats, values: Floats, beta: float) -> None:
        # mean ← mean + (1 − β)(values − mean): β mean + (1 − β) values, but rounded as in torch.
        np.subtract(values, mean, out=self._scratch)
        self._scratch *= 1 - beta
        mean += self._scratch

    def _move_mean_square(self, mean: Floats, values: Floats, beta: float) -> None:
        mean *= beta
        np.multiply(values, values, out=self._scratch)
        self._scratch *= 1 - beta
        mean += self._scratch

    def average(self) -> Floats | None:
        """Compute the averaged parameters (…, P), with which to predict.

        None, if those that are trained predict.
        """
        return None

    def begin_evaluation(self) -> None:
        """Put the averaged parameters in the place of those that are trained, if there are any."""
        average = None if self._in_training is not None else self.average()
        if average is not None:
            self._in_training = self._weights.copy()
            self._weights[...] = average

    def end_evaluation(self) -> None:
        """Put the parameters that are trained back in their place, bit for bit."""
        if self._in_training is not None:
            self._weights[...] = self._in_training
            self._in_training = None

    def arrays(self) -> dict[str, Floats]:
        """View the part of the state that has a parameter's shape: `exp_avg.head.0.weight`."""
        return {
            f"{key}.{name}": view
            for key, array in self._arrays.items()
            for name, view in array.views.items()
        }

    def state(self) -> dict[str, Floats]:
        """Copy the state, by key and parameter: `exp_avg.head.0.weight`, `step.head.0.weight`.

        Empty before the first step.
        """
        if not self._steps:
            return {}
        return {key: view.copy() for key, view in self.arrays().items()} | self.numbers()

    def numbers(self) -> dict[str, Floats]:
        """Copy the part of the state that is one number for each parameter."""
        numbers: dict[str, Any] = dict(self._numbers)
        if self.counts_steps:
            numbers["step"] = np.float32(self._steps)
        names = self._parameters.views
        return {f"{key}.{name}": np.array(n) for key, n in numbers.items() for name in names}

    def load_state(self, state: Mapping[str, Floats]) -> None:
        """Restore what `state` returned."""
        if not state:
            return
        for key, array in self._arrays.items():
            array.fill({name: state[f"{key}.{name}"] for name in array.views})
        self.load_numbers(state)

    def load_numbers(self, state: Mapping[str, Floats]) -> None:
        """Restore what `numbers` returned, after at least one step."""
        counts = {key: int(array) for key, array in state.items() if key.startswith("step.")}
        # In torch, a parameter counts only the steps in which it has a gradient.
        longest = max(counts, key=counts.__getitem__, default="step.")
        self._steps = counts.get(longest, 1)
        for key in self._numbers:
            self._numbers[key] = state[f"{key}.{longest.removeprefix('step.')}"].copy()


def in_precision_of(vector: Floats, factor: float | Floats) -> float | Floats:
    """Round a factor for each network (M, 1) to the precision of a vector (M, P).

    NumPy does the same with a plain float. So networks side by side get the same numbers as alone.
    """
    if isinstance(factor, np.ndarray | np.generic):
        return factor.astype(vector.dtype)
    return factor
