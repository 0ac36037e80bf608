"""Recurrent cells over time, forward and backward: Elman (tanh or ReLU), GRU and LSTM.

A cell gets its input already projected, x W_ihᵀ + b_ih, for all positions at once; what is left is the
recurrence. Weights are stacked by gate as torch stacks them: GRU reset, update, new; LSTM input, forget,
cell, output. The gradient of W_hh is one product over all positions, not a sum of T small ones.
"""

from collections.abc import Callable

import numpy as np

from nlptrain.numpy_nn.activation import sigmoid
from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, flat_positions

Cell = Callable[[Floats, Floats, Floats], tuple[Floats, Backward]]
"""(projected (…, T, B, G·H), W_hh (…, G·H, H), b_hh (…, G·H)) → hidden states (…, T, B, H)."""


def elman_tanh(projected: Floats, weight_hh: Floats, bias_hh: Floats) -> tuple[Floats, Backward]:
    """Run h_t = tanh(x_t W_ihᵀ + b_ih + h_{t−1} W_hhᵀ + b_hh) from h_0 = 0."""
    return _elman(projected, weight_hh, bias_hh, np.tanh, lambda h: 1 - h * h)


def elman_relu(projected: Floats, weight_hh: Floats, bias_hh: Floats) -> tuple[Floats, Backward]:
    """Run h_t = max(x_t W_ihᵀ + b_ih + h_{t−1} W_hhᵀ + b_hh, 0) from h_0 = 0."""
    return _elman(projected, weight_hh, bias_hh, _relu, lambda h: h > 0)


def _relu(x: Floats, out: Floats) -> Floats:
    return np.maximum(x, 0, out=out)


def _elman(
    projected: Floats,
    weight_hh: Floats,
    bias_hh: Floats,
    activation: Callable[..., Floats],
    derivative: Callable[[Floats], Floats],
) -> tuple[Floats, Backward]:
    """Run an Elman layer; the derivative is a function of the activation's value."""
    states = projected + bias_hh[..., None, None, :]
    transposed = np.ascontiguousarray(weight_hh.mT)
    steps = states.shape[-3]
    before = None
    for t in range(steps):
        now = states[..., t, :, :]
        if before is not None:
            now += before @ transposed
        activation(now, out=now)
        before = now

    def backward(grad_states: Floats) -> tuple[Floats, Grads]:
        grad = grad_states * derivative(states)
        slopes = derivative(states)
        for t in range(steps - 2, -1, -1):
            carried = grad[..., t + 1, :, :] @ weight_hh
            carried *= slopes[..., t, :, :]
            grad[..., t, :, :] += carried
        return grad, _recurrent_grads(grad, states)

    return states, backward


def gru(projected: Floats, weight_hh: Floats, bias_hh: Floats) -> tuple[Floats, Backward]:
    """Run a GRU from h_0 = 0 (Cho et al. 2014, with torch's place of the reset gate).

    r, z = σ(x_{r,z} + h W_{r,z}ᵀ + b_{r,z}); n = tanh(x_n + r ∘ (h W_nᵀ + b_n)); h' = n + z ∘ (h − n).
    """
    size = weight_hh.shape[-1]
    transposed = np.ascontiguousarray(weight_hh.mT)
    steps = projected.shape[-3]
    shape = (*projected.shape[:-1], size)
    states, gates, news, recurrences = (
        np.empty(shape, projected.dtype),
        np.empty((*shape[:-1], 2 * size), projected.dtype),
        np.empty(shape, projected.dtype),
        np.empty(shape, projected.dtype),
    )
    hidden = np.zeros((*shape[:-3], *shape[-2:]), projected.dtype)
    for t in range(steps):
        x = projected[..., t, :, :]
        recurrence = hidden @ transposed
        recurrence += bias_hh[..., None, :]
        gate = sigmoid(x[..., : 2 * size] + recurrence[..., : 2 * size])
        reset, update = gate[..., :size], gate[..., size:]
        new = np.tanh(x[..., 2 * size :] + reset * recurrence[..., 2 * size :])
        hidden = new + update * (hidden - new)
        states[..., t, :, :], gates[..., t, :, :] = hidden, gate
        news[..., t, :, :], recurrences[..., t, :, :] = new, recurrence[..., 2 * size :]

    def backward(grad_states: Floats) -> tuple[Floats, Grads]:
        grad_projected = np.empty_like(projected)
        grad_recurrence = np.empty_like(projected)
        before = _shift(states)
        carried = np.zeros_like(states[..., 0, :, :])
        for t in range(steps - 1, -1, -1):
            grad = grad_states[..., t, :, :] + carried
            gate, new = gates[..., t, :, :], news[..., t, :, :]
            reset, update = gate[..., :size], gate[..., size:]
            grad_new = grad * (1 - update) * (1 - new * new)
            grad_update = grad * (before[..., t, :, :] - new) * update * (1 - update)
            grad_reset = grad_new * recurrences[..., t, :, :] * reset * (1 - reset)
            place = grad_projected[..., t, :, :]
            place[..., :size], place[..., size : 2 * size] = grad_reset, grad_update
            place[..., 2 * size :] = grad_new
            towards = grad_recurrence[..., t, :, :]
            towards[...] = place
            towards[..., 2 * size :] *= reset
            carried = grad * update + towards @ weight_hh
        grads = _recurrent_grads(grad_recurrence, states)
        return grad_projected, grads

    return states, backward


def lstm(projected: Floats, weight_hh: Floats, bias_hh: Floats) -> tuple[Floats, Backward]:
    """Run an LSTM from h_0 = c_0 = 0 (Hochreiter and Schmidhuber 1997, with a forget gate).

    i, f, o = σ(…); g = tanh(…); c' = f ∘ c + i ∘ g; h' = o ∘ tanh(c').
    """
    size = weight_hh.shape[-1]
    transposed = np.ascontiguousarray(weight_hh.mT)
    steps = projected.shape[-3]
    gates = projected + bias_hh[..., None, None, :]
    cells = np.empty((*projected.shape[:-1], size), projected.dtype)
    squashed, states = np.empty_like(cells), np.empty_like(cells)
    hidden = cell = None
    for t in range(steps):
        gate = gates[..., t, :, :]
        if hidden is not None:
            gate += hidden @ transposed
        for place in (slice(0, 2 * size), slice(3 * size, None)):
            gate[..., place] = sigmoid(gate[..., place])
        np.tanh(gate[..., 2 * size : 3 * size], out=gate[..., 2 * size : 3 * size])
        written = gate[..., :size] * gate[..., 2 * size : 3 * size]
        cell = written if cell is None else gate[..., size : 2 * size] * cell + written
        cells[..., t, :, :] = cell
        np.tanh(cell, out=squashed[..., t, :, :])
        hidden = np.multiply(
            gate[..., 3 * size :], squashed[..., t, :, :], out=states[..., t, :, :]
        )

    def backward(grad_states: Floats) -> tuple[Floats, Grads]:
        grad_gates = np.empty_like(gates)
        cells_before = _shift(cells)
        carried = carried_cell = np.zeros_like(cells[..., 0, :, :])
        for t in range(steps - 1, -1, -1):
            gate, squash = gates[..., t, :, :], squashed[..., t, :, :]
            grad = grad_states[..., t, :, :] + carried
            inside, forget = gate[..., :size], gate[..., size : 2 * size]
            new, output = gate[..., 2 * size : 3 * size], gate[..., 3 * size :]
            grad_cell = carried_cell + grad * output * (1 - squash * squash)
            place = grad_gates[..., t, :, :]
            place[..., :size] = grad_cell * new * inside * (1 - inside)
            place[..., size : 2 * size] = (
                grad_cell * cells_before[..., t, :, :] * forget * (1 - forget)
            )
            place[..., 2 * size : 3 * size] = grad_cell * inside * (1 - new * new)
            place[..., 3 * size :] = grad * squash * output * (1 - output)
            carried_cell = grad_cell * forget
            carried = place @ weight_hh
        return grad_gates, _recurrent_grads(grad_gates, states)

    return states, backward


def _recurrent_grads(grad: Floats, states: Floats) -> Grads:
    """Compute the gradients of W_hh and b_hh from those of h_{t−1} W_hhᵀ + b_hh at all positions."""
    late, early = grad[..., 1:, :, :], states[..., :-1, :, :]
    return {
        "weight_hh": flat_positions(late).mT @ flat_positions(early),
        "bias_hh": grad.sum(axis=(-3, -2)),
    }


def _shift(states: Floats) -> Floats:
    """Move states one position on, so that t holds what was known before t; zeros at the start."""
    before = np.zeros_like(states)
    before[..., 1:, :, :] = states[..., :-1, :, :]
    return before


CELLS: dict[str, Cell] = {
    "rnn_tanh": elman_tanh,
    "rnn_relu": elman_relu,
    "gru": gru,
    "lstm": lstm,
}
