"""A graph of ONNX operators, built node by node."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

Operand = str | int | NDArray[Any] | np.generic
"""The name of a value in the graph, or a constant."""

ML, RUNTIME = "ai.onnx.ml", "com.microsoft"
"""Domains: ONNX's operators for labels, and ONNX Runtime's own."""
END = np.iinfo(np.int64).max
"""As the end of a slice: all that follows."""

FLOAT, WHOLE = TensorProto.FLOAT, TensorProto.INT64
"""The types of all numbers in a graph, but for the keys of n-grams."""


@dataclass
class Graph:
    """Nodes in the order of computation, and the constants that they read.

    Attributes:
        nodes: The operators.
        constants: Parameters and other fixed arrays.
        shapes: Of what no rule of ONNX says the shape.
    """

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)
    shapes: list[ValueInfoProto] = field(default_factory=list)
    _numbers: dict[tuple[str, tuple[int, ...], bytes], str] = field(default_factory=dict)

    def add(
        self,
        operator: str,
        *inputs: Operand | None,
        name: str | None = None,
        domain: str = "",
        **attributes: Any,
    ) -> str:
        """Add an operator with one output, and return the output's name.

        Args:
            operator: As ONNX names it.
            inputs: What it reads, in ONNX's order; None for an optional input that is left out.
            name: Of the output; None for a new one.
            domain: Of the operator; ONNX's own by default.
            attributes: As ONNX names them.
        """
        output = name or f"{operator.lower()}_{len(self.nodes)}"
        read = ["" if each is None else self._name(each) for each in inputs]
        self.nodes.append(
            helper.make_node(operator, read, [output], name=output, domain=domain, **attributes)
        )
        return output

    def _name(self, operand: Operand) -> str:
        """Name an operand; equal numbers, such as an axis, are stored once."""
        if isinstance(operand, str):
            return operand
        array = _convert(np.asarray(operand))
        name = f"constant_{len(self.constants)}"
        if array.size == 1:
            name = self._numbers.setdefault((array.dtype.str, array.shape, array.tobytes()), name)
        if name == f"constant_{len(self.constants)}":
            self.constants.append(numpy_helper.from_array(array, name))
        return name


def _convert(array: NDArray[Any]) -> NDArray[Any]:
    """Convert to the graph's types; unsigned numbers and truth values stay as they are."""
    match array.dtype.kind:
        case "f":
            return np.ascontiguousarray(array, np.float32)
        case "i":
            return np.ascontiguousarray(array, np.int64)
        case _:
            return np.ascontiguousarray(array)
