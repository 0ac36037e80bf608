"""Recurrent cells over time, forward and backward: Elman (tanh or ReLU), GRU and LSTM.

A cell's input is already projected, x W_ihᵀ + b_ih, as rows that each position looks up; only the
recurrence remains. Weights are stacked by gate as in torch: GRU reset, update, new; LSTM input,
forget, cell, output. Whatever does not depend on the previous step is computed for many steps at
once: in backward the derivatives, and W_hh's gradient as one product.
"""

from collections.abc import Callable
from typing import NamedTuple, assert_never, get_args

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, time_first
from nlptrain.numpy_nn.embedding import Embedded, look_up
from nlptrain.numpy_nn.gru import gru
from nlptrain.numpy_nn.lstm import lstm
from nlptrain.numpy_nn.recurrence import recurrent_grads
from nlptrain.settings import kinds

Cell = Callable[..., tuple[Floats, Backward]]
"""(projected, W_hh (…, G·H, H), b_hh (…, G·H)) → hidden states (…, T, B, H).

The projected input is rows (…, V, G·H) and which of them each position has (…, T, B); backward
returns the gradient at each position (…, T, B, G·H).

Every cell also takes `initial`, the state before the first step: h_0 (…, B, H), for the LSTM the
pair (h_0, c_0). Backward then also returns its gradient as "initial", and c_0's as "initial_cell".
"""


def elman_tanh(
    projected: Embedded, weight_hh: Floats, bias_hh: Floats, initial: Floats | None = None
) -> tuple[Floats, Backward]:
    """Run h_t = tanh(x_t W_ihᵀ + b_ih + h_{t−1} W_hhᵀ + b_hh) from h_0, or 0."""
    return _elman(projected, weight_hh, bias_hh, initial, np.tanh, lambda h: 1 - h * h)


def elman_relu(
    projected: Embedded, weight_hh: Floats, bias_hh: Floats, initial: Floats | None = None
) -> tuple[Floats, Backward]:
    """Run h_t = max(x_t W_ihᵀ + b_ih + h_{t−1} W_hhᵀ + b_hh, 0) from h_0, or 0."""
    return _elman(projected, weight_hh, bias_hh, initial, _relu, lambda h: (h > 0).astype(h.dtype))


def _relu(x: Floats, out: Floats) -> Floats:
    return np.maximum(x, 0, out=out)


def _elman(
    projected: Embedded,
    weight_hh: Floats,
    bias_hh: Floats,
    initial: Floats | None,
    activation: Callable[..., Floats],
    derivative: Callable[[Floats], Floats],
) -> tuple[Floats, Backward]:
    """Run an Elman layer; the derivative is a function of the activation's value."""
    states, _ = look_up(projected.ids, projected.table + bias_hh[..., None, :])
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


GRU_FORMULA = (
    r"\begin{align*}"
    r"r_t, z_t &= \sigma(x_t W_{r,z}^\top + h_{t-1} U_{r,z}^\top + b_{r,z}) \\"
    r"n_t &= \tanh(x_t W_n^\top + b_n + r_t \circ (h_{t-1} U_n^\top + c_n)) \\"
    r"h_t &= (1 - z_t) \circ n_t + z_t \circ h_{t-1}, \quad h_0 = 0"
    r"\end{align*}"
)
LSTM_FORMULA = (
    r"\begin{align*}"
    r"i_t, f_t, o_t &= \sigma(x_t W_{i,f,o}^\top + h_{t-1} U_{i,f,o}^\top + b_{i,f,o}) \\"
    r"g_t &= \tanh(x_t W_g^\top + h_{t-1} U_g^\top + b_g) \\"
    r"c_t &= f_t \circ c_{t-1} + i_t \circ g_t, \quad c_0 = 0 \\"
    r"h_t &= o_t \circ \tanh(c_t), \quad h_0 = 0"
    r"\end{align*}"
)


class CellKind(NamedTuple):
    """A cell and its properties.

    Attributes:
        forward: The cell over time.
        gates: Blocks of H rows in its weights.
        words: How a state follows from the previous one.
        formula: The same in LaTeX.
    """

    forward: Cell
    gates: int
    words: str
    formula: str


def _declare(kind: kinds.Cell) -> CellKind:
    elman = "h_t = {}(x_t W_ih + b_ih + h_{{t-1}} W_hh + b_hh{}), with h_0 = 0"
    formula = (
        r"h_t = \{}(x_t W_{{ih}}^\top + b_{{ih}} + h_{{t-1}} W_{{hh}}^\top + b_{{hh}}{}),"
        r"\quad h_0 = 0"
    )
    match kind:
        case "rnn_tanh":
            return CellKind(elman_tanh, 1, elman.format("tanh", ""), formula.format("tanh", ""))
        case "rnn_relu":
            return CellKind(
                elman_relu, 1, elman.format("max", ", 0"), formula.format("max", r",\ 0")
            )
        case "gru":
            words = "GRU: h_t = (1 - z_t) n_t + z_t h_{t-1}, with h_0 = 0"
            return CellKind(gru, 3, words, GRU_FORMULA)
        case "lstm":
            words = "LSTM: c_t = f_t c_{t-1} + i_t g_t, h_t = o_t tanh(c_t), with h_0 = c_0 = 0"
            return CellKind(lstm, 4, words, LSTM_FORMULA)
        case _:
            assert_never(kind)


CELLS: dict[str, CellKind] = {kind: _declare(kind) for kind in get_args(kinds.Cell)}
