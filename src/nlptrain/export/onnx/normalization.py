"""Batch, layer and instance normalization as ONNX operators."""

import numpy as np

from nlptrain.export.onnx.graph import Graph
from nlptrain.export.onnx.positions import FIRST, Positions
from nlptrain.numpy_nn.arrays import Arrays
from nlptrain.numpy_nn.normalization import EPSILON, Normalization


def add_normalization(
    graph: Graph, layer: Normalization, x: str, arrays: Arrays, positions: Positions
) -> str:
    """Add a normalization of features (P, B, F), as in evaluation."""
    match layer.kind:
        case "batch":
            return _add_batch(graph, x, arrays)
        case "layer":
            gamma, beta = arrays["weight"], arrays["bias"]
            return graph.add("LayerNormalization", x, gamma, beta, axis=-1, epsilon=EPSILON)
        case "instance":
            return _add_instance(graph, x, arrays, positions)
        case _:
            raise NotImplementedError(layer.kind)


def _add_batch(graph: Graph, x: str, arrays: Arrays) -> str:
    """Subtract the running mean and scale, as one product per feature."""
    inverse = 1 / np.sqrt(arrays["running_var"].astype(np.float64) + EPSILON)
    scaled = graph.add(
        "Mul", graph.add("Sub", x, arrays["running_mean"]), arrays["weight"] * inverse
    )
    return graph.add("Add", scaled, arrays["bias"])


def _add_instance(graph: Graph, x: str, arrays: Arrays, positions: Positions) -> str:
    """Normalize each string's feature over its real positions."""
    count = positions.count(graph)
    total = graph.add("ReduceSum", positions.mask(graph, x), FIRST, keepdims=1)
    centered = positions.mask(graph, graph.add("Sub", x, graph.add("Div", total, count)))
    squares = graph.add("ReduceSum", graph.add("Mul", centered, centered), FIRST, keepdims=1)
    variance = graph.add("Add", graph.add("Div", squares, count), np.float32(EPSILON))
    normalized = graph.add("Div", centered, graph.add("Sqrt", variance))
    return graph.add("Add", graph.add("Mul", normalized, arrays["weight"]), arrays["bias"])
