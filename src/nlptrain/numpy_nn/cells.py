"""Recurrent cells over time, forward and backward: Elman (tanh or ReLU), GRU and LSTM.

A cell gets its input already projected, x W_ihᵀ + b_ih, for all positions at once; what is left
is the recurrence. Weights are stacked by gate as torch stacks them: GRU reset, update, new; LSTM
input, forget, cell, output. Whatever does not wait for the previous step is computed for all steps
at once: in backward the derivatives at every position, and W_hh's gradient as one product.
"""

from collections.abc import Callable

import numpy as np

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, flat_positions, time_first

Cell = Callable[[Floats, Floats, Floats], tuple[Floats, Backward]]
"""(projected (…, T, B, G·H), W_hh (…, G·H, H), b_hh (…, G·H)) → hidden states (…, T, B, H).

Every cell also takes `initial`, the state before the first step: h_0 (…, B, H), the LSTM the pair
(h_0, c_0). Backward then gives its gradient too, as "initial", and that of c_0 as "initial_cell".
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
        result = _recurrent_grads(grad, states, initial)
        if initial is not None:
            result["initial"] = grads[0] @ weight_hh
        return grad, result

    return states, backward


def gru(
    projected: Floats, weight_hh: Floats, bias_hh: Floats, initial: Floats | None = None
) -> tuple[Floats, Backward]:
    """Run a GRU from h_0, or 0 (Cho et al. 2014, with torch's place of the reset gate).

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
        _sigmoid_of_negative(gate[t])
        np.add(product[..., 2 * size :], bias[..., 0, :, 2 * size :], out=recurrence[t])
        new[t] += gate[t, ..., :size] * recurrence[t]
        np.tanh(new[t], out=new[t])
        np.subtract(hidden, new[t], out=state[t])
        state[t] *= gate[t, ..., size:]
        state[t] += new[t]
        hidden = state[t]

    def backward(grad_states: Floats) -> tuple[Floats, Grads]:
        update = gates[..., size:]
        # Of the gradient of h': towards n's argument, and towards h W_hhᵀ + b_hh by gate.
        towards_new = (1 - update) * (1 - news * news)
        grad_recurrence = _gru_derivatives(
            gates, news, recurrences, _shift(states, initial), towards_new
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
        grads = _recurrent_grads(grad_recurrence, states, initial)
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


def lstm(
    projected: Floats,
    weight_hh: Floats,
    bias_hh: Floats,
    initial: tuple[Floats, Floats] | None = None,
) -> tuple[Floats, Backward]:
    """Run an LSTM from (h_0, c_0), or 0 (Hochreiter and Schmidhuber 1997, with a forget gate).

    i, f, o = σ(…); g = tanh(…); c' = f ∘ c + i ∘ g; h' = o ∘ tanh(c').
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
        _sigmoid_of_negative(gate[t])
        new[t] *= 2
        new[t] -= 1
        np.multiply(inside[t], new[t], out=cell[t])
        if remembered is not None:
            cell[t] += forget[t] * remembered
        np.tanh(cell[t], out=squash[t])
        np.multiply(output[t], squash[t], out=state[t])
        hidden, remembered = state[t], cell[t]

    def backward(grad_states: Floats) -> tuple[Floats, Grads]:
        # At first the derivatives, of c' by i, f and g and of h' by o; then times the gradient.
        grad_gates = _lstm_derivatives(gates, cells, _shift(cells, initial_cell), squashed)
        by_gate = time_first(grad_gates.reshape(*cells.shape[:-1], 4, size), axis=-4)
        towards_cell = time_first(gates[..., 3 * size :] * (1 - squashed * squashed))
        given, towards = time_first(grad_states), time_first(grad_gates)
        carried, grad_cell = np.zeros_like(given[0]), np.zeros_like(given[0])
        for t in range(len(towards) - 1, -1, -1):
            carried += given[t]
            grad_cell += carried * towards_cell[t]
            by_gate[t, ..., :3, :] *= grad_cell[..., None, :]
            by_gate[t, ..., 3, :] *= carried
            grad_cell *= forget[t]
            np.matmul(towards[t], weight_hh, out=carried)
        grads = _recurrent_grads(grad_gates, states, initial_hidden)
        if initial is not None:
            grads |= {"initial": carried, "initial_cell": grad_cell}
        return grad_gates, grads

    return states, backward


def _lstm_derivatives(gates: Floats, cells: Floats, before: Floats, squashed: Floats) -> Floats:
    """Differentiate c' by the arguments of i, f, g, and h' by that of o: (…, T, B, 4H)."""
    size = cells.shape[-1]
    inside, new = gates[..., :size], gates[..., 2 * size : 3 * size]
    result = gates * gates
    np.subtract(gates, result, out=result)
    result[..., :size] *= new
    result[..., size : 2 * size] *= before
    np.multiply(inside, 1 - new * new, out=result[..., 2 * size : 3 * size])
    result[..., 3 * size :] *= squashed
    return result


def _sigmoid_of_negative(x: Floats) -> None:
    """Put σ(−x) = 1 / (1 + eˣ) in the place of x: half the time of a tanh.

    Where eˣ overflows the result is 0, as it should be.
    """
    np.exp(x, out=x)
    x += 1
    np.divide(1, x, out=x)


def _recurrent_grads(grad: Floats, states: Floats, initial: Floats | None) -> Grads:
    """Compute the gradients of W_hh and b_hh from those of h_{t−1} W_hhᵀ + b_hh everywhere."""
    late, early = grad[..., 1:, :, :], states[..., :-1, :, :]
    flat = flat_positions(grad)
    grad_weight = flat_positions(late).mT @ flat_positions(early)
    if initial is not None:
        grad_weight += grad[..., 0, :, :].mT @ initial
    return {
        "weight_hh": grad_weight,
        # A product with ones adds up rows faster than a sum.
        "bias_hh": np.ones(flat.shape[-2], flat.dtype) @ flat,
    }


def _shift(states: Floats, initial: Floats | None) -> Floats:
    """Move states one position on, so that t holds what was known before t."""
    before = np.empty_like(states)
    before[..., 0, :, :] = 0 if initial is None else initial
    before[..., 1:, :, :] = states[..., :-1, :, :]
    return before


CELLS: dict[str, Cell] = {
    "rnn_tanh": elman_tanh,
    "rnn_relu": elman_relu,
    "gru": gru,
    "lstm": lstm,
}
