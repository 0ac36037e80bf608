"""Recurrent cells over time, forward and backward: Elman (tanh or ReLU), GRU and LSTM.

A cell's input is already projected, x W_ihᵀ + b_ih, at all positions; only the recurrence remains.
Weights are stacked by gate as in torch: GRU reset, update, new; LSTM input, forget, cell, output.
Whatever does not depend on the previous step is computed for all steps at once: in backward the
derivatives at every position, and W_hh's gradient as one product.
"""

from collections.abc import Callable
from typing import NamedTuple, assert_never, get_args

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, time_first
from nlptrain.numpy_nn.lstm import lstm
from nlptrain.numpy_nn.recurrence import recurrent_grads, shift, sigmoid_of_negative
from nlptrain.settings import kinds

Cell = Callable[..., tuple[Floats, Backward]]
"""(projected (…, T, B, G·H), W_hh (…, G·H, H), b_hh (…, G·H)) → hidden states (…, T, B, H).

Every cell also takes `initial`, the state before the first step: h_0 (…, B, H), for the LSTM the
pair (h_0, c_0). Backward then also returns its gradient as "initial", and c_0's as "initial_cell".
"""


def elman_tanh(
    projected: Floats, weight_hh: Floats, bias_hh: Floats, initial: Floats | None = None
) -> tuple[Floats, Backward]:
    """Run h_t = tanh(x_t W_ihᵀ + b_ih + h_{t−1} W_hhᵀ + b_hh) from h_0, or 0."""
    return _elman(projected, weight_hh, bias_hh, initial, np.tanh, lambda h: 1 - h * h)


def elman_relu(
    projected: Floats, weight_hh: Floats, bias_hh: Floats, initial: Floats | None = None
) -> tuple[Floats, Backward]:
    """Run h_t = max(x_t W_ihᵀ + b_ih + h_{t−1} W_hhᵀ + b_hh, 0) from h_0, or 0."""
    return _elman(projected, weight_hh, bias_hh, initial, _relu, lambda h: (h > 0).astype(h.dtype))


def _relu(x: Floats, out: Floats) -> Floats:
    return np.maximum(x, 0, out=out)


def _elman(
    projected: Floats,
    weight_hh: Floats,
    bias_hh: Floats,
    initial: Floats | None,
    activation: Callable[..., Floats],
    derivative: Callable[[Floats], Floats],
) -> tuple[Floats, Backward]:
    """Run an Elman layer; the derivative is a function of the activation's value."""
    states = projected + bias_hh[..., None, None, :]
    transposed = np.ascontiguousarray(weight_hh.mT)
    hidden = initial
    for now in time_first(states):
        if hidden is not None:
            np.add(now, hidden @ transposed, out=now)
        hidden = activation(now, out=now)

    def backward(grad_states: Floats) -> tuple[Floats, Grads]:
        slopes = derivative(states)
        grad = grad_states * slopes
        grads, slope = time_first(grad), time_first(slopes)
        carried = np.empty_like(grads[0])
        for t in range(len(grads) - 2, -1, -1):
            np.matmul(grads[t + 1], weight_hh, out=carried)
            carried *= slope[t]
            grads[t] += carried
        result = recurrent_grads(grad, states, initial)
        if initial is not None:
            result["initial"] = grads[0] @ weight_hh
        return grad, result

    return states, backward


def gru(
    projected: Floats, weight_hh: Floats, bias_hh: Floats, initial: Floats | None = None
) -> tuple[Floats, Backward]:
    """Run a GRU from h_0, or 0 (Cho et al. 2014, with the reset gate where torch has it).

    r, z = σ(x_{r,z} + h W_{r,z}ᵀ + b_{r,z}); n = tanh(x_n + r ∘ (h W_nᵀ + b_n));
    h' = n + z ∘ (h − n).
    """
    size = weight_hh.shape[-1]
    scale = np.repeat(np.array([-1, -1, 1], projected.dtype), size)
    transposed = weight_hh.mT * scale
    bias = bias_hh[..., None, None, :] * scale
    gates = projected[..., : 2 * size] * scale[: 2 * size]
    gates += bias[..., : 2 * size]
    news = projected[..., 2 * size :].copy()
    recurrences, states = np.empty_like(news), np.empty_like(news)
    gate, new, recurrence, state = map(time_first, (gates, news, recurrences, states))
    hidden = np.zeros_like(new[0]) if initial is None else initial
    for t in range(len(state)):
        product = hidden @ transposed
        gate[t] += product[..., : 2 * size]
        sigmoid_of_negative(gate[t])
        np.add(product[..., 2 * size :], bias[..., 0, :, 2 * size :], out=recurrence[t])
        new[t] += gate[t, ..., :size] * recurrence[t]
        np.tanh(new[t], out=new[t])
        np.subtract(hidden, new[t], out=state[t])
        state[t] *= gate[t, ..., size:]
        state[t] += new[t]
        hidden = state[t]

    def backward(grad_states: Floats) -> tuple[Floats, Grads]:
        update = gates[..., size:]
        # The derivatives of h' by n's argument, and by h W_hhᵀ + b_hh for each gate.
        towards_new = (1 - update) * (1 - news * news)
        grad_recurrence = _gru_derivatives(
            gates, news, recurrences, shift(states, initial), towards_new
        )
        by_gate = time_first(grad_recurrence.reshape(*news.shape[:-1], 3, size), axis=-4)
        grad = grad_states.copy()
        grad_now, kept, towards = map(time_first, (grad, update, grad_recurrence))
        carried = np.zeros_like(grad_now[0])
        for t in range(len(towards) - 1, -1, -1):
            now = grad_now[t]
            now += carried
            by_gate[t] *= now[..., None, :]
            np.matmul(towards[t], weight_hh, out=carried)
            carried += now * kept[t]
        grad_projected = grad_recurrence.copy()
        np.multiply(grad, towards_new, out=grad_projected[..., 2 * size :])
        grads = recurrent_grads(grad_recurrence, states, initial)
        if initial is not None:
            grads["initial"] = carried
        return grad_projected, grads

    return states, backward


def _gru_derivatives(
    gates: Floats, news: Floats, recurrences: Floats, before: Floats, towards_new: Floats
) -> Floats:
    """Differentiate h' by h W_hhᵀ + b_hh at fixed h, for each gate and position: (…, T, B, 3H)."""
    size = news.shape[-1]
    reset = gates[..., :size]
    result = np.empty((*news.shape[:-1], 3 * size), news.dtype)
    np.multiply(gates, 1 - gates, out=result[..., : 2 * size])
    result[..., :size] *= towards_new
    result[..., :size] *= recurrences
    result[..., size : 2 * size] *= before - news
    np.multiply(towards_new, reset, out=result[..., 2 * size :])
    return result


class CellKind(NamedTuple):
    """A cell and its properties.

    Attributes:
        forward: The cell over time.
        gates: Blocks of H rows in its weights.
        words: How a state follows from the previous one.
    """

    forward: Cell
    gates: int
    words: str


def _declare(kind: kinds.Cell) -> CellKind:
    formula = "h_t = {}(x_t W_ih + b_ih + h_{{t-1}} W_hh + b_hh{}), with h_0 = 0"
    match kind:
        case "rnn_tanh":
            return CellKind(elman_tanh, 1, formula.format("tanh", ""))
        case "rnn_relu":
            return CellKind(elman_relu, 1, formula.format("max", ", 0"))
        case "gru":
            return CellKind(gru, 3, "GRU: h_t = (1 - z_t) n_t + z_t h_{t-1}, with h_0 = 0")
        case "lstm":
            words = "c_t = f_t c_{t-1} + i_t g_t, h_t = o_t tanh(c_t), with h_0 = c_0 = 0"
            return CellKind(lstm, 4, f"LSTM: {words}")
        case _:
            assert_never(kind)


CELLS: dict[str, CellKind] = {kind: _declare(kind) for kind in get_args(kinds.Cell)}
