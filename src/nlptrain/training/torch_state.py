"""What torch's optimizers keep from step to step: as arrays, or copied on its device."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import Parameter

from nlptrain.files.array_file import Arrays
from nlptrain.torch_nn.row_optimizer import RowOptimizer
from nlptrain.training.learner import OPTIMIZER_PREFIX


class OptimizerState:
    """The state of the optimizer, and of those of the tables, by parameter."""

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        tables: Mapping[str, RowOptimizer],
        parameters: Sequence[tuple[str, Parameter]],
    ) -> None:
        self._optimizer = optimizer
        self._tables = tables
        self._parameters = parameters

    def copy(self) -> Arrays:
        """Copy it, by `optimizer`, the name that torch gives it and the parameter's name."""
        copied: dict[str, NDArray[Any]] = {}
        for name, parameter in self._parameters:
            for key, value in self._of(name, parameter).items():
                if value is not None:
                    exact = torch.float64 if isinstance(value, float) else None
                    array = torch.as_tensor(value, dtype=exact).detach().cpu().numpy().copy()
                    copied[f"{OPTIMIZER_PREFIX}.{key}.{name}"] = array
        return copied

    def load(self, state: Arrays) -> None:
        """Restore what `copy` returned, among other arrays."""
        # Not by load_state_dict, which rounds single numbers to the precision of the parameter.
        for name, parameter in self._parameters:
            entries = {
                full.split(".", 2)[1]: torch.from_numpy(array.copy())
                for full, array in state.items()
                if full.startswith(f"{OPTIMIZER_PREFIX}.") and full.split(".", 2)[2] == name
            }
            if entries:
                # A fused optimizer counts its steps on its device; others do on the CPU.
                counts_there = self._optimizer.defaults.get("fused")
                kept = self._of(name, parameter)
                kept.clear()
                kept.update(
                    {
                        key: each.to(parameter.device) if each.ndim or counts_there else each
                        for key, each in entries.items()
                    }
                )

    def _of(self, name: str, parameter: Parameter) -> dict[str, Any]:
        """Return the state of a parameter, to read or to fill."""
        if name in self._tables:
            return self._tables[name].state
        state: dict[str, Any] = self._optimizer.state[parameter]
        return state


class Snapshot:
    """Tensors and an optimizer's state as they are now, to be put back once."""

    def __init__(self, tensors: Iterable[Tensor], optimizer: torch.optim.Optimizer) -> None:
        """Copy them, on their device."""
        self._optimizer = optimizer
        self._tensors = [(each, each.detach().clone()) for each in tensors]
        self._state = {
            parameter: {key: _clone(each) for key, each in state.items()}
            for parameter, state in optimizer.state.items()
        }

    @torch.no_grad()
    def restore(self) -> None:
        """Put them back."""
        for tensor, value in self._tensors:
            tensor.copy_(value)
        self._optimizer.state.clear()
        for parameter, state in self._state.items():
            self._optimizer.state[parameter].update(state)


def _clone(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) else value
