"""The LSTM over time, forward and backward, as `cells.py` describes."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, time_first, time_third
from nlptrain.numpy_nn.embedding import Embedded
from nlptrain.numpy_nn.recurrence import (
    gates_first,
    recurrent_grads,
    spans_from_the_end,
    steps_of,
    with_start,
)

SCALES, NUMERATORS = (-1, -1, -2, -1), (1, 1, 2, 1)
"""tanh(x) = 2 σ(2x) − 1: with g's argument doubled, one exponential function serves all gates."""


def lstm(
    projected: Embedded,
    weight_hh: Floats,
    bias_hh: Floats,
    initial: tuple[Floats, ...] | None = None,
) -> tuple[Floats, Backward]:
    """Run an LSTM from (h_0, c_0), or 0 (Hochreiter and Schmidhuber 1997, with a forget gate).

    i, f, o = σ(…); g = tanh(…); c' = f ∘ c + i ∘ g; h' = o ∘ tanh(c').
    """
    states, _, backward = lstm_with_cells(projected, weight_hh, bias_hh, initial)
    return states, backward


def lstm_with_cells(
    projected: Embedded,
    weight_hh: Floats,
    bias_hh: Floats,
    initial: tuple[Floats, ...] | None,
) -> tuple[Floats, Floats, Callable[..., tuple[Floats, Grads]]]:
    """Run the same for who goes on from its last state.

    Returns:
        Hidden states and cells' states (…, T, B, H), and backward, which also takes the gradient
        of the cells' last state (…, B, H).
    """
    hidden, cell_before = initial or (None, None)
    scale = np.repeat(np.array(SCALES, bias_hh.dtype), weight_hh.shape[-1])
    table = (projected.table + bias_hh[..., None, :]) * scale
    gates_of_rows, rows = steps_of(projected.ids, table, gates=4)
    gates = np.empty((*rows.shape, weight_hh.shape[-1]), table.dtype)
    inside, forget, new, output = (gates[..., gate, :, :] for gate in range(4))
    cells = with_start(cell_before, inside)
    squashed, states = np.empty_like(inside), np.empty_like(inside)
    product = np.empty((*states.shape[1:-1], len(scale)), table.dtype)
    by_gate, kept = gates_first(product, 4), np.empty_like(states[0])
    transposed = weight_hh.mT * scale
    numerators = np.array(NUMERATORS, table.dtype)[:, None, None]
    steps = zip(rows, gates, inside, forget, new, output, cells[1:], squashed, states, strict=True)
    for row, gate, i, f, g, o, cell, squash, state in steps:
        gates_of_rows.take(row, axis=0, out=gate, mode="clip")
        if hidden is not None:
            np.matmul(hidden, transposed, out=product)
            np.add(gate, by_gate, out=gate)
        np.exp(gate, out=gate)
        np.add(gate, 1, out=gate)
        np.divide(numerators, gate, out=gate)
        np.subtract(g, 1, out=g)
        np.multiply(i, g, out=cell)
        if cell_before is not None:
            np.multiply(f, cell_before, out=kept)
            np.add(cell, kept, out=cell)
        np.tanh(cell, out=squash)
        np.multiply(o, squash, out=state)
        hidden, cell_before = state, cell
    passed = _Pass(gates, cells, squashed, states, weight_hh, initial)
    return time_third(states), time_third(cells[1:]), passed.backward


class _Pass(NamedTuple):
    """What backward needs: i, f, g and o (T, …, 4, B, H); all else is (T, …, B, H).

    The cells' states begin with the initial one.
    """

    gates: Floats
    cells: Floats
    squashed: Floats
    states: Floats
    weight_hh: Floats
    initial: tuple[Floats, ...] | None

    def backward(
        self, grad_states: Floats, grad_last_cell: Floats | None = None
    ) -> tuple[Floats, Grads]:
        """Go back through all steps."""
        grad = np.empty((*grad_states.shape[:-1], self.weight_hh.shape[-2]), grad_states.dtype)
        towards, given = time_first(grad), time_first(grad_states)
        by_gate = gates_first(towards, 4)
        towards_cell, towards_output = by_gate[..., :3, :, :], by_gate[..., 3, :, :]
        forgets = self.gates[..., 1, :, :]
        grad_state, part = np.zeros_like(self.states[0]), np.empty_like(self.states[0])
        grad_cell = np.zeros_like(part) if grad_last_cell is None else grad_last_cell.copy()
        of_each_gate = grad_cell[..., None, :, :]
        for span in spans_from_the_end(len(given), self.gates[0].size):
            # First the derivatives, then times the gradient.
            slopes, to_cell = self.derivatives(span)
            of_cell, of_output = slopes[..., :3, :, :], slopes[..., 3, :, :]
            for t in range(span.stop - 1, span.start - 1, -1):
                here = t - span.start
                grad_state += given[t]
                np.multiply(grad_state, to_cell[here], out=part)
                grad_cell += part
                np.multiply(of_cell[here], of_each_gate, out=towards_cell[t])
                np.multiply(of_output[here], grad_state, out=towards_output[t])
                grad_cell *= forgets[t]
                np.matmul(towards[t], self.weight_hh, out=grad_state)
        initial_state = None if self.initial is None else self.initial[0]
        grads = recurrent_grads(grad, time_third(self.states), initial_state)
        if self.initial is not None:
            grads |= {"initial": grad_state, "initial_cell": grad_cell}
        return grad, grads

    def derivatives(self, span: slice) -> tuple[Floats, Floats]:
        """Differentiate c' by the arguments of i, f and g and h' by o's, and h' by c'."""
        gates, squashed = self.gates[span], self.squashed[span]
        inside, new, output = (gates[..., gate, :, :] for gate in (0, 2, 3))
        slopes = gates * gates
        np.subtract(gates, slopes, out=slopes)
        slopes[..., 0, :, :] *= new
        slopes[..., 1, :, :] *= self.cells[span]
        np.multiply(inside, 1 - new * new, out=slopes[..., 2, :, :])
        slopes[..., 3, :, :] *= squashed
        return slopes, output * (1 - squashed * squashed)
