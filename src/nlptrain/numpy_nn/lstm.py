"""The LSTM over time, forward and backward, as `cells.py` describes."""

from collections.abc import Callable

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, time_first
from nlptrain.numpy_nn.recurrence import recurrent_grads, shift, sigmoid_of_negative


def lstm(
    projected: Floats,
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
    projected: Floats,
    weight_hh: Floats,
    bias_hh: Floats,
    initial: tuple[Floats, ...] | None = None,
) -> tuple[Floats, Floats, Callable[..., tuple[Floats, Grads]]]:
    """Run the same for who goes on from its last state.

    Returns:
        Hidden states and cells' states (…, T, B, H), and backward, which also takes the gradient
        of the cells' last state (…, B, H).
    """
    size = weight_hh.shape[-1]
    # tanh(x) = 2 σ(2x) − 1: with g's argument doubled, one σ serves all four gates.
    scale = np.repeat(np.array([-1, -1, -2, -1], projected.dtype), size)
    transposed = weight_hh.mT * scale
    gates = projected + bias_hh[..., None, None, :]
    gates *= scale
    cells = np.empty((*projected.shape[:-1], size), projected.dtype)
    squashed, states = np.empty_like(cells), np.empty_like(cells)
    gate, cell, squash, state = map(time_first, (gates, cells, squashed, states))
    inside, forget, new, output = np.split(gate, 4, axis=-1)
    initial_hidden, initial_cell = (None, None) if initial is None else initial
    hidden, remembered = initial_hidden, initial_cell
    for t in range(len(state)):
        if hidden is not None:
            gate[t] += hidden @ transposed
        sigmoid_of_negative(gate[t])
        new[t] *= 2
        new[t] -= 1
        np.multiply(inside[t], new[t], out=cell[t])
        if remembered is not None:
            cell[t] += forget[t] * remembered
        np.tanh(cell[t], out=squash[t])
        np.multiply(output[t], squash[t], out=state[t])
        hidden, remembered = state[t], cell[t]

    def backward(grad_states: Floats, grad_last_cell: Floats | None = None) -> tuple[Floats, Grads]:
        # First the derivatives, of c' by i, f and g and of h' by o; then times the gradient.
        grad_gates = _lstm_derivatives(gates, cells, shift(cells, initial_cell), squashed)
        by_gate = time_first(grad_gates.reshape(*cells.shape[:-1], 4, size), axis=-4)
        towards_cell = time_first(gates[..., 3 * size :] * (1 - squashed * squashed))
        given, towards = time_first(grad_states), time_first(grad_gates)
        carried, grad_cell = np.zeros_like(given[0]), np.zeros_like(given[0])
        if grad_last_cell is not None:
            grad_cell += grad_last_cell
        for t in range(len(towards) - 1, -1, -1):
            carried += given[t]
            grad_cell += carried * towards_cell[t]
            by_gate[t, ..., :3, :] *= grad_cell[..., None, :]
            by_gate[t, ..., 3, :] *= carried
            grad_cell *= forget[t]
            np.matmul(towards[t], weight_hh, out=carried)
        grads = recurrent_grads(grad_gates, states, initial_hidden)
        if initial is not None:
            grads |= {"initial": carried, "initial_cell": grad_cell}
        return grad_gates, grads

    return states, cells, backward


def _lstm_derivatives(gates: Floats, cells: Floats, before: Floats, squashed: Floats) -> Floats:
    """Differentiate c' by the arguments of i, f, g, and h' by o's argument: (…, T, B, 4H)."""
    size = cells.shape[-1]
    inside, new = gates[..., :size], gates[..., 2 * size : 3 * size]
    result = gates * gates
    np.subtract(gates, result, out=result)
    result[..., :size] *= new
    result[..., size : 2 * size] *= before
    np.multiply(inside, 1 - new * new, out=result[..., 2 * size : 3 * size])
    result[..., 3 * size :] *= squashed
    return result
