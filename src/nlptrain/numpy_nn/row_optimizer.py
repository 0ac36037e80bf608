"""An optimizer for a large table of which a batch reads only some rows."""

from collections.abc import Callable, Mapping

import numpy as np

from nlptrain.numpy_nn.arrays import Floats, Ids
from nlptrain.numpy_nn.optimizer import Optimizer
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.row_gradient import RowGradient


class RowOptimizer:
    """Updates the rows that a batch has read, and leaves the others and their state as they are.

    A step costs what the batch reads, not what the table holds. It is the same as the optimizer's
    own on those rows alone: the running means of another row do not decay, momentum does not move
    it, and weight decay does not shrink it, until it is read again. Steps are counted for the whole
    table, as in `torch.optim.SparseAdam`.
    """

    def __init__(
        self, name: str, table: Floats, build: Callable[[ParameterVector], Optimizer]
    ) -> None:
        """Begin with an optimizer's initial state.

        Args:
            name: The table's.
            table: Rows (K, F), updated in place.
            build: Builds an optimizer of some rows; it must treat each number by itself.
        """
        self._name, self._table, self._build = name, table, build
        one = ParameterVector({name: np.zeros_like(table, shape=(1, 1))})
        initial = build(one).arrays()
        self._state = {key: np.full_like(table, each.item()) for key, each in initial.items()}
        self._numbers: dict[str, Floats] = {}
        self._has_begun = False

    def step(self, gradient: RowGradient, learning_rate: float) -> None:
        """Update once the rows that were read; their values are overwritten."""
        rows = gradient.rows
        read = ParameterVector({self._name: self._table.take(rows, axis=0)})
        optimizer = self._build(read)
        # Views: copying is most of a step's time.
        state = optimizer.arrays()
        if self._has_begun:
            for key, table in self._state.items():
                table.take(rows, axis=0, out=state[key], mode="clip")
            optimizer.load_numbers(self._numbers)
        optimizer.step(gradient.values.reshape(-1), learning_rate)
        _write(self._table, rows, read.views[self._name])
        for key, table in self._state.items():
            _write(table, rows, state[key])
        self._numbers, self._has_begun = optimizer.numbers(), True

    def state(self) -> dict[str, Floats]:
        """Copy the state, named as an optimizer's; empty before the first step."""
        if not self._has_begun:
            return {}
        return {key: table.copy() for key, table in self._state.items()} | self._numbers

    def load_state(self, state: Mapping[str, Floats]) -> None:
        """Restore what `state` returned, of this table among others."""
        own = {k: a for k, a in state.items() if k.partition(".")[2] == self._name}
        self._has_begun = bool(own)
        self._numbers = {key: own.pop(key) for key in list(own) if key not in self._state}
        for key, array in own.items():
            self._state[key][...] = array


def _write(table: Floats, rows: Ids, values: Floats) -> None:
    """Write rows (U, F) into a table (K, F), each as one piece of memory, not number by number."""
    whole = np.dtype((np.void, table.shape[1] * table.itemsize))
    table.view(whole).reshape(-1)[rows] = values.view(whole).reshape(-1)
