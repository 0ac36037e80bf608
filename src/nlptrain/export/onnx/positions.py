"""Which positions of a padded batch are real, as values of a graph."""

from dataclasses import dataclass

import numpy as np

from nlptrain.export.onnx.graph import FLOAT, Graph

FIRST, SECOND, LAST = (np.array([axis]) for axis in (0, 1, -1))
"""Axes, as ONNX takes them."""


@dataclass(frozen=True)
class Positions:
    """Names of what tells real positions from pads.

    Attributes:
        lengths: Real positions of each string (B,).
        index: The number of each position (P, 1).
        real: Whether a position is one of the string's own (P, B, 1).
    """

    lengths: str
    index: str
    real: str

    @classmethod
    def of(cls, graph: Graph, x: str, lengths: str) -> "Positions":
        """Mark the real positions of a value whose first axis they are."""
        count = graph.add("Squeeze", graph.add("Shape", x, start=0, end=1), FIRST)
        index = graph.add("Unsqueeze", graph.add("Range", 0, count, 1), SECOND)
        is_real = graph.add("Less", index, graph.add("Unsqueeze", lengths, FIRST))
        return cls(lengths, index, graph.add("Unsqueeze", is_real, LAST))

    def mask(self, graph: Graph, x: str, otherwise: float = 0.0) -> str:
        """Put a number at the pads of features (P, B, F)."""
        return graph.add("Where", self.real, x, np.float32(otherwise))

    def count(self, graph: Graph) -> str:
        """Count each string's real positions, at least 1, as floats (B, 1)."""
        counted = graph.add("Cast", graph.add("Max", self.lengths, np.array([1])), to=FLOAT)
        return graph.add("Unsqueeze", counted, SECOND)

    def is_filled(self, graph: Graph) -> str:
        """Compute which strings have a real position (B, 1)."""
        return graph.add("Unsqueeze", graph.add("Greater", self.lengths, 0), SECOND)
