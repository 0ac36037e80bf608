"""Each layer of a network as ONNX operators, in the order of the architecture.

Values at positions have the time first, (P, B, F), as in `numpy_nn`. What stands at pads is never
read: each layer that looks at several positions masks them. Kinds that are not here are refused
before, as `export/translated.py` does not list them.
"""

from typing import Any, assert_never

import numpy as np

from nlptrain.export.onnx.convolution import add_convolution
from nlptrain.export.onnx.graph import Graph
from nlptrain.export.onnx.ngrams import add_ngrams
from nlptrain.export.onnx.normalization import add_normalization
from nlptrain.export.onnx.positions import SECOND, Positions
from nlptrain.export.onnx.readout import add_readout
from nlptrain.export.onnx.recurrent import add_recurrent
from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Arrays, below
from nlptrain.numpy_nn.attention import Attention
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.dropout import Dropout
from nlptrain.numpy_nn.embedding import Embedding
from nlptrain.numpy_nn.encoders import AnyEncoder, Pooling
from nlptrain.numpy_nn.heads import Average, Part
from nlptrain.numpy_nn.join import Join
from nlptrain.numpy_nn.linear import Linear
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.normalization import Normalization
from nlptrain.numpy_nn.readout import Last, Maximum, Mean
from nlptrain.numpy_nn.readouts import Several
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.numpy_nn.step import AnyLayer
from nlptrain.settings import kinds


def add_network(
    graph: Graph, architecture: Architecture, arrays: Arrays, ids: str, positions: Positions
) -> str:
    """Add all layers of a network.

    Args:
        graph: Where they go.
        architecture: Of the network.
        arrays: Parameters, running statistics and constants of one network.
        ids: Token ids (T, B), 0 at pads.
        positions: Which of them are real.

    Returns:
        The name of the logits (B, 1 or C).
    """
    start = before = (ids, positions)
    kept: dict[str, tuple[str, Positions]] = {}
    for step in architecture.steps:
        x, at = step.choose_input(kept, before, start)
        before = _add_layer(graph, step.layer, x, below(arrays, f"{step.name}."), at)
        if step.name in architecture.read_later:
            kept[step.name] = before
    return before[0]


def _add_layer(
    graph: Graph, layer: AnyLayer, x: Any, arrays: Arrays, at: Positions
) -> tuple[str, Positions]:
    """Add a layer that reads x, several values if it joins them; its output, and its positions."""
    match layer:
        case Embedding():
            return graph.add("Gather", arrays["weight"], x), at
        case Pooling() | Recurrent() | Convolutional() | NGrams():
            return _add_encoder(graph, layer, x, arrays, at)
        case Dropout():
            return x, at
        case Normalization():
            return add_normalization(graph, layer, x, arrays, at), at
        case Activation():
            return graph.add(_name_activation(layer.kind), x), at
        case Mean() | Maximum() | Last() | Attention() | Several():
            return add_readout(graph, layer, x, arrays, at), at
        case Linear():
            return graph.add("Gemm", x, arrays["weight"], arrays["bias"], transB=1), at
        case Join() | Part() | Average():
            return _add_arrangement(graph, layer, x), at
        case _:
            raise NotImplementedError(layer)


def _add_encoder(
    graph: Graph, encoder: AnyEncoder, x: str, arrays: Arrays, at: Positions
) -> tuple[str, Positions]:
    match encoder:
        case Pooling():
            return x, at
        case Recurrent():
            return add_recurrent(graph, encoder, x, arrays, at), at
        case Convolutional():
            return add_convolution(graph, encoder, x, arrays, at)
        case NGrams():
            return add_ngrams(graph, encoder, x, arrays, at), at
        case _:
            raise NotImplementedError(encoder)


def _add_arrangement(graph: Graph, layer: Join | Part | Average, x: Any) -> str:
    """Add what takes vectors of a string together, or apart."""
    match layer:
        case Join():
            return graph.add("Concat", *x, axis=-1)
        case Part():
            end = layer.start + layer.size
            return graph.add("Slice", x, np.array([layer.start]), np.array([end]), SECOND)
        case Average():
            return graph.add("Mean", *x)
        case _:
            assert_never(layer)


def _name_activation(kind: kinds.Activation) -> str:
    match kind:
        case "sigmoid":
            return "Sigmoid"
        case "tanh":
            return "Tanh"
        case "relu":
            return "Relu"
        case _:
            raise NotImplementedError(kind)
