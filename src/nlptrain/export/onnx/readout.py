"""Readouts as ONNX operators: features at positions → one vector per string."""

import numpy as np

from nlptrain.export.onnx.graph import END, Graph
from nlptrain.export.onnx.positions import FIRST, LAST, Positions
from nlptrain.numpy_nn.arrays import Arrays, below
from nlptrain.numpy_nn.attention import Attention
from nlptrain.numpy_nn.readout import Last, Maximum, Mean
from nlptrain.numpy_nn.readouts import AnyReadout, Several


def add_readout(
    graph: Graph, readout: AnyReadout, x: str, arrays: Arrays, positions: Positions
) -> str:
    """Add a readout, or several: (P, B, F) → (B, F); an empty string gives zeros."""
    match readout:
        case Mean():
            total = graph.add("ReduceSum", positions.mask(graph, x), FIRST, keepdims=0)
            return graph.add("Div", total, positions.count(graph))
        case Maximum():
            masked = positions.mask(graph, x, -np.inf)
            largest = graph.add("ReduceMax", masked, FIRST, keepdims=0)
            return graph.add("Where", positions.is_filled(graph), largest, np.float32(0))
        case Last():
            return _add_last(graph, readout, x, positions)
        case Attention():
            return _add_attention(graph, x, arrays, positions)
        case Several():
            parts = [
                add_readout(graph, each, x, below(arrays, f"{each.label}."), positions)
                for each in readout.readouts
            ]
            return graph.add("Concat", *parts, axis=-1)
        case _:
            raise NotImplementedError(readout)


def _add_last(graph: Graph, readout: Last, x: str, positions: Positions) -> str:
    """Take the last real position of what was read forward, the first of what backward.

    As sums in which all other positions are zeros.
    """
    last = graph.add("Unsqueeze", graph.add("Sub", positions.lengths, 1), FIRST)
    is_last = graph.add("Unsqueeze", graph.add("Equal", positions.index, last), LAST)
    forward = _add_up(graph, is_last, x)
    if readout.reverse_from is None:
        return forward
    is_first = graph.add("Unsqueeze", graph.add("Equal", positions.index, 0), LAST)
    backward = _add_up(graph, graph.add("And", is_first, positions.real), x)
    split = np.array([readout.reverse_from])
    ahead = graph.add("Slice", forward, np.array([0]), split, LAST)
    behind = graph.add("Slice", backward, split, np.array([END]), LAST)
    return graph.add("Concat", ahead, behind, axis=-1)


def _add_up(graph: Graph, mask: str, x: str) -> str:
    return graph.add("ReduceSum", graph.add("Where", mask, x, np.float32(0)), FIRST, keepdims=0)


def _add_attention(graph: Graph, x: str, arrays: Arrays, positions: Positions) -> str:
    features = positions.mask(graph, x)
    scores = graph.add("MatMul", features, arrays["query"][:, None])
    # Of an empty string all scores are −∞, and the softmax is NaN, which the mask drops.
    shares = graph.add("Softmax", positions.mask(graph, scores, -np.inf), axis=0)
    weighted = graph.add("Mul", features, positions.mask(graph, shares))
    return graph.add("ReduceSum", weighted, FIRST, keepdims=0)
