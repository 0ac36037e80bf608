"""Recurrent networks over padded strings: Elman (tanh or ReLU), GRU and LSTM.

Weights are stacked by gate as torch stacks them: GRU reset, update, new; LSTM input, forget,
cell, output.
"""

from collections.abc import Callable, Mapping

import numpy as np

from nlptrain.numpy_nn.activation import Floats, relu, sigmoid
from nlptrain.numpy_nn.architecture import Recurrent, direction_suffixes
from nlptrain.numpy_nn.readout import Lengths

Step = Callable[[Floats, Floats], Floats]
"""One time step: projected input (B, G·H) and hidden state (B, H) → next hidden state (B, H)."""


def recurrent(
    x: Floats, lengths: Lengths, parameters: Mapping[str, Floats], encoder: Recurrent
) -> Floats:
    """Run all layers and directions over a padded batch.

    Args:
        x: Inputs (B, T, E).
        lengths: Real positions of each string (B,).
        parameters: Arrays by torch's names (`weight_ih_l0`, …).
        encoder: Cell, layers, directions.

    Returns:
        Hidden states of the last layer (B, T, H · directions); anything at pads.
    """
    for layer in range(encoder.num_layers):
        outputs = []
        for suffix in direction_suffixes(encoder):
            arrays = [
                parameters[f"{name}_l{layer}{suffix}"]
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            ]
            if suffix:
                # Read each string from its last real character to its first.
                order = reversed_positions(lengths, x.shape[1])
                hidden = run_direction(_reorder(x, order), *arrays, cell=encoder.cell)
                outputs.append(_reorder(hidden, order))
            else:
                outputs.append(run_direction(x, *arrays, cell=encoder.cell))
        x = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=-1)
    return x


def run_direction(
    x: Floats,
    weight_ih: Floats,
    weight_hh: Floats,
    bias_ih: Floats,
    bias_hh: Floats,
    *,
    cell: str,
) -> Floats:
    """Run one layer from left to right, from a hidden state of zeros.

    Elman: h' = tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh), or ReLU for tanh.

    Args:
        x: Inputs (B, T, I).
        weight_ih: (G·H, I).
        weight_hh: (G·H, H).
        bias_ih: (G·H,).
        bias_hh: (G·H,).
        cell: rnn_tanh, rnn_relu, gru or lstm.

    Returns:
        Hidden states (B, T, H).
    """
    step = _CELLS[cell](weight_hh, bias_hh, len(x))
    projected = x @ weight_ih.T + bias_ih
    hidden = np.zeros((len(x), weight_hh.shape[1]), x.dtype)
    states = np.empty((*x.shape[:2], weight_hh.shape[1]), x.dtype)
    for position in range(x.shape[1]):
        hidden = step(projected[:, position], hidden)
        states[:, position] = hidden
    return states


def reversed_positions(lengths: Lengths, positions: int) -> Lengths:
    """Index each string's real positions backward, pads in place: (B,) → (B, T)."""
    index = np.arange(positions)
    backward = lengths[:, None] - 1 - index
    return np.where(backward >= 0, backward, index)


def _reorder(x: Floats, order: Lengths) -> Floats:
    return np.take_along_axis(x, order[:, :, None], axis=1)


def _elman(activation: Callable[[Floats], Floats]) -> Callable[[Floats, Floats, int], Step]:
    def build(weight_hh: Floats, bias_hh: Floats, _batch: int) -> Step:
        return lambda projected, hidden: activation(projected + hidden @ weight_hh.T + bias_hh)

    return build


def _gru(weight_hh: Floats, bias_hh: Floats, _batch: int) -> Step:
    """Build r, z = σ(…); n = tanh(x_n + r ∘ (h W_hnᵀ + b_hn)); h' = (1 − z) ∘ n + z ∘ h."""
    size = weight_hh.shape[1]

    def step(projected: Floats, hidden: Floats) -> Floats:
        recurrence = hidden @ weight_hh.T + bias_hh
        gates = sigmoid(projected[:, : 2 * size] + recurrence[:, : 2 * size])
        reset, update = gates[:, :size], gates[:, size:]
        new = np.tanh(projected[:, 2 * size :] + reset * recurrence[:, 2 * size :])
        return new + update * (hidden - new)

    return step


def _lstm(weight_hh: Floats, bias_hh: Floats, batch: int) -> Step:
    """Build i, f, o = σ(…), g = tanh(…); c' = f ∘ c + i ∘ g; h' = o ∘ tanh(c')."""
    size = weight_hh.shape[1]
    memory = np.zeros((batch, size), weight_hh.dtype)

    def step(projected: Floats, hidden: Floats) -> Floats:
        gates = projected + hidden @ weight_hh.T + bias_hh
        kept = sigmoid(gates[:, size : 2 * size]) * memory
        written = sigmoid(gates[:, :size]) * np.tanh(gates[:, 2 * size : 3 * size])
        np.add(kept, written, out=memory)
        return sigmoid(gates[:, 3 * size :]) * np.tanh(memory)

    return step


_CELLS: dict[str, Callable[[Floats, Floats, int], Step]] = {
    "rnn_tanh": _elman(np.tanh),
    "rnn_relu": _elman(relu),
    "gru": _gru,
    "lstm": _lstm,
}
