"""The GRU over time, forward and backward, as `cells.py` describes."""

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


def gru(
    projected: Embedded, weight_hh: Floats, bias_hh: Floats, initial: Floats | None = None
) -> tuple[Floats, Backward]:
    """Run a GRU from h_0, or 0 (Cho et al. 2014, with the reset gate where torch has it).

    r, z = σ(x_{r,z} + h W_{r,z}ᵀ + b_{r,z}); n = tanh(x_n + r ∘ (h W_nᵀ + b_n));
    h' = n + z ∘ (h − n).
    """
    size = weight_hh.shape[-1]
    scale = np.repeat(np.array([-1, -1, 1], bias_hh.dtype), size)
    bias = bias_hh.copy()
    bias[..., 2 * size :] = 0
    table = (projected.table + bias[..., None, :]) * scale
    gates_of_rows, rows = steps_of(projected.ids, table, gates=3)
    gates = np.empty((*rows.shape[:-2], 2, rows.shape[-1], size), table.dtype)
    resets, updates = gates[..., 0, :, :], gates[..., 1, :, :]
    states = with_start(initial, resets)
    news, recurrences = np.empty_like(resets), np.empty_like(resets)
    argument = np.empty((*rows.shape[1:], size), table.dtype)
    product = np.empty_like(argument)
    # Each gate by itself, for products in the order of the gates.
    weights = gates_first(weight_hh.mT * scale, 3)
    bias_new = bias_hh[..., None, 2 * size :]
    hidden = states[0]
    steps = zip(rows, gates, resets, updates, news, recurrences, states[1:], strict=True)
    for row, gate, reset, update, new, recurrence, state in steps:
        gates_of_rows.take(row, axis=0, out=argument, mode="clip")
        np.matmul(hidden[..., None, :, :], weights, out=product)
        np.add(argument[..., :2, :, :], product[..., :2, :, :], out=gate)
        _sigmoid_of_negative(gate)
        np.add(product[..., 2, :, :], bias_new, out=recurrence)
        np.multiply(reset, recurrence, out=new)
        np.add(new, argument[..., 2, :, :], out=new)
        np.tanh(new, out=new)
        np.subtract(hidden, new, out=state)
        np.multiply(state, update, out=state)
        np.add(state, new, out=state)
        hidden = state
    passed = _Pass(gates, news, recurrences, states, weight_hh, initial)
    return time_third(states[1:]), passed.backward


def _sigmoid_of_negative(x: Floats) -> None:
    """Replace x by σ(−x) = 1 / (1 + eˣ), in half the time of a tanh.

    If eˣ overflows, the result is 0, as it should be.
    """
    np.exp(x, out=x)
    x += 1
    np.divide(1, x, out=x)


class _Pass(NamedTuple):
    """What backward needs: r and z (T, …, 2, B, H); all else is (T, …, B, H).

    The recurrences are h W_nᵀ + b_n. The states begin with the initial one.
    """

    gates: Floats
    news: Floats
    recurrences: Floats
    states: Floats
    weight_hh: Floats
    initial: Floats | None

    def backward(self, grad_states: Floats) -> tuple[Floats, Grads]:
        """Go back through all steps."""
        size = self.weight_hh.shape[-1]
        # By h W_nᵀ + b_n and by the arguments of r, z and n: W_hh has the first three in view, the
        # input the last three.
        grad = np.empty((*self.news.shape[:-1], 4 * size), grad_states.dtype)
        by_gate, given = gates_first(grad, 4), time_first(grad_states)
        to_recurrence, weight = grad[..., : 3 * size], np.roll(self.weight_hh, size, axis=-2)
        updates = self.gates[..., 1, :, :]
        carried, now = np.zeros_like(self.news[0]), np.empty_like(self.news[0])
        for span in spans_from_the_end(len(given), 4 * now.size):
            # First the derivatives, then times the gradient.
            slopes = self.derivatives(span)
            for t in range(span.stop - 1, span.start - 1, -1):
                np.add(given[t], carried, out=now)
                np.multiply(slopes[t - span.start], now[..., None, :, :], out=by_gate[t])
                np.matmul(to_recurrence[t], weight, out=carried)
                now *= updates[t]
                carried += now
        grads = recurrent_grads(
            time_third(to_recurrence), time_third(self.states[1:]), self.initial
        )
        grads["weight_hh"] = np.roll(grads["weight_hh"], -size, axis=-2)
        grads["bias_hh"] = np.roll(grads["bias_hh"], -size, axis=-1)
        if self.initial is not None:
            grads["initial"] = carried
        return time_third(grad[..., size:]), grads

    def derivatives(self, span: slice) -> Floats:
        """Differentiate h' at fixed h, by h W_nᵀ + b_n and the arguments of r, z and n.

        Returns:
            Derivatives (t, …, 4, B, H).
        """
        news, gates = self.news[span], self.gates[span]
        reset, update = gates[..., 0, :, :], gates[..., 1, :, :]
        slopes = np.empty((*gates.shape[:-3], 4, *gates.shape[-2:]), gates.dtype)
        by_recurrence, by_reset, by_update, by_new = (slopes[..., gate, :, :] for gate in range(4))
        np.subtract(1, update, out=by_update)
        np.multiply(news, news, out=by_new)
        np.subtract(1, by_new, out=by_new)
        by_new *= by_update
        by_update *= update
        by_update *= self.states[span] - news
        np.multiply(by_new, reset, out=by_recurrence)
        np.subtract(1, reset, out=by_reset)
        by_reset *= by_recurrence
        by_reset *= self.recurrences[span]
        return slopes
