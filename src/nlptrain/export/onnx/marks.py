"""The marks of a string's ends, as values of a graph."""

import numpy as np

from nlptrain.export.onnx.graph import Graph
from nlptrain.export.onnx.positions import FIRST, Positions


def add_marks(graph: Graph, ids: str, positions: Positions, begin: int) -> tuple[str, Positions]:
    """Put a mark before each string and another behind it: (T, B) → (T + 2, B).

    Args:
        graph: Where it happens.
        ids: Token ids (T, B).
        positions: Which of them are real.
        begin: The token id of the mark before; that of the mark behind is one more.
    """
    marked = graph.add("Pad", ids, np.array([1, 0, 1, 0]), 0)
    around = Positions.of(graph, marked, graph.add("Add", positions.lengths, 2))
    end = graph.add("Unsqueeze", graph.add("Add", positions.lengths, 1), FIRST)
    marked = graph.add("Where", graph.add("Equal", around.index, end), begin + 1, marked)
    return graph.add("Where", graph.add("Equal", around.index, 0), begin, marked), around
