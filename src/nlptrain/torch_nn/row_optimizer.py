"""An optimizer for a large table of which a batch reads only some rows, in torch."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter


class RowOptimizer:
    """Updates the rows that a batch has read, as by hand in `numpy_nn/row_optimizer.py`.

    The rows become a small parameter, which the optimizer updates with their part of its state.

    Attributes:
        table: All rows (K, F); its gradient is sparse.
        state: The optimizer's state of all rows (K, F), and its numbers.
        read: The rows of the last gradient, with that gradient (U, F).
    """

    def __init__(
        self, table: Parameter, build: Callable[[Parameter], torch.optim.Optimizer]
    ) -> None:
        """Build the optimizer; it must treat each number by itself."""
        self.table = table
        self.read = Parameter(torch.zeros_like(table[:1]))
        self._rows = torch.zeros(1, dtype=torch.int64, device=table.device)
        self._optimizer = build(self.read)
        self.state: dict[str, Tensor] = {}
        self._keep(self._optimizer.state[self.read], initial=True)

    @torch.no_grad()
    def gather(self) -> None:
        """Take the rows that the gradient is of, before clipping and the step."""
        if self.table.grad is None:
            self._rows, values = self._rows[:0], torch.zeros_like(self.table[:0])
        else:
            sparse = self.table.grad.coalesce()
            self._rows, values = sparse.indices()[0], sparse.values()
        self.read = Parameter(self.table[self._rows])
        self.read.grad = values

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Update once the rows that were gathered."""
        group = self._optimizer.param_groups[0]
        group["params"], group["lr"] = [self.read], learning_rate
        self._optimizer.state.clear()
        self._optimizer.state[self.read].update(
            {key: each[self._rows] if each.ndim else each for key, each in self.state.items()}
        )
        self._optimizer.step()
        self.table[self._rows] = self.read
        self._keep(self._optimizer.state[self.read])

    def _keep(self, state: dict[str, Any], *, initial: bool = False) -> None:
        """Put the state of the rows that were read back in its place."""
        for key, each in state.items():
            if not isinstance(each, Tensor) or not each.ndim:
                self.state[key] = torch.as_tensor(each, dtype=_exact(each))
                continue
            if key not in self.state:
                start = each.flatten()[0].item() if initial else 0.0
                self.state[key] = torch.full_like(self.table, start)
            self.state[key][self._rows] = each


def _exact(value: Any) -> torch.dtype | None:
    return torch.float64 if isinstance(value, float) else None
