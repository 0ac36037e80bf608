"""Recurrent layers as ONNX's own operators, which end each string at its length."""

from typing import Any, NamedTuple

import numpy as np
from onnx import TensorProto

from nlptrain.export.onnx.graph import Graph
from nlptrain.export.onnx.positions import Positions
from nlptrain.numpy_nn.arrays import Arrays, Floats
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.settings import kinds


class _Operator(NamedTuple):
    """An operator for a cell.

    Attributes:
        name: As ONNX names it.
        gates: Where each of its gates stands among ours.
        activations: Of one direction; none where those of the operator itself are meant.
        reset_after: Whether the reset gate acts on the product of the state, as torch has it.
    """

    name: str
    gates: tuple[int, ...]
    activations: tuple[str, ...] = ()
    reset_after: bool = False


def _choose_operator(cell: kinds.Cell) -> _Operator:
    match cell:
        case "rnn_tanh":
            return _Operator("RNN", (0,), ("Tanh",))
        case "rnn_relu":
            return _Operator("RNN", (0,), ("Relu",))
        case "gru":
            # Update, reset, new.
            return _Operator("GRU", (1, 0, 2), reset_after=True)
        case "lstm":
            # Input, output, forget, cell.
            return _Operator("LSTM", (0, 3, 1, 2))
        case _:
            raise NotImplementedError(cell)


def add_recurrent(
    graph: Graph, encoder: Recurrent, x: str, arrays: Arrays, positions: Positions
) -> str:
    """Add all layers and directions: embeddings (T, B, E) → states of the last layer (T, B, F)."""
    operator = _choose_operator(encoder.cell)
    directions = len(encoder.endings)
    options: dict[str, Any] = {}
    if operator.reset_after:
        options["linear_before_reset"] = 1
    if operator.activations:
        options["activations"] = operator.activations * directions
    lengths = graph.add("Cast", positions.lengths, to=TensorProto.INT32)
    for layer in range(encoder.num_layers):
        states = graph.add(
            operator.name,
            x,
            *_stack(operator, encoder, arrays, layer),
            lengths,
            hidden_size=encoder.hidden_size,
            direction="bidirectional" if encoder.bidirectional else "forward",
            **options,
        )
        # (T, directions, B, H) → (T, B, directions · H)
        by_string = graph.add("Transpose", states, perm=[0, 2, 1, 3])
        x = graph.add("Reshape", by_string, np.array([0, 0, directions * encoder.hidden_size]))
    return x


def _stack(
    operator: _Operator, encoder: Recurrent, arrays: Arrays, layer: int
) -> tuple[Floats, Floats, Floats]:
    """Stack the directions' weights, and both biases one behind the other, in ONNX's order."""

    def take(name: str) -> Floats:
        both = [arrays[f"{name}_l{layer}{ending}"] for ending in encoder.endings]
        return np.stack([_order_gates(each, operator.gates) for each in both])

    biases = np.concatenate([take("bias_ih"), take("bias_hh")], axis=1)
    return take("weight_ih"), take("weight_hh"), biases


def _order_gates(array: Floats, gates: tuple[int, ...]) -> Floats:
    blocks = np.split(array, len(gates))
    return np.concatenate([blocks[gate] for gate in gates])
