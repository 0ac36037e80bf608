"""N-grams as ONNX operators: the same 64-bit keys, from the same token ids.

ONNX shifts and combines unsigned numbers and multiplies signed ones; both have the same bits, and a
product beyond them loses the same upper ones.
"""

from typing import assert_never

import numpy as np
from onnx import TensorProto

from nlptrain.export.onnx.graph import END, FLOAT, ML, WHOLE, Graph
from nlptrain.export.onnx.marks import add_marks
from nlptrain.export.onnx.positions import FIRST, SECOND, Positions
from nlptrain.numpy_nn.arrays import Arrays
from nlptrain.numpy_nn.ngram_ids import FNV_OFFSET, FNV_PRIME, MIXERS
from nlptrain.numpy_nn.ngrams import NGrams


def add_ngrams(graph: Graph, layer: NGrams, ids: str, arrays: Arrays, positions: Positions) -> str:
    """Add the vectors of each string's n-grams: token ids (T, B) → (B, F)."""
    if layer.boundaries:
        ids, positions = add_marks(graph, ids, positions, layer.vocabulary_size)
    rows = graph.add("Concat", *_list_rows(graph, layer, ids, arrays, positions), axis=0)
    weight = arrays["weight"]
    # The row behind the table is that of an n-gram without a vector.
    table = np.concatenate([weight, np.zeros_like(weight[:1])])
    total = graph.add("ReduceSum", graph.add("Gather", table, rows), FIRST, keepdims=0)
    is_known = graph.add("Cast", graph.add("Less", rows, layer.count), to=FLOAT)
    known = graph.add("ReduceSum", is_known, FIRST, keepdims=0)
    number = graph.add("Max", known, np.ones(1))
    match layer.combine:
        case "scaled_sum":
            number = graph.add("Sqrt", number)
        case "mean":
            pass
        case _:
            assert_never(layer.combine)
    return graph.add("Div", total, graph.add("Unsqueeze", number, SECOND))


def _list_rows(
    graph: Graph, layer: NGrams, ids: str, arrays: Arrays, positions: Positions
) -> list[str]:
    """List the row of each n-gram, by its size and where it begins: (T, B) each.

    An n-gram that would reach beyond its string has the row behind the table.
    """
    longest = layer.sizes[-1]
    behind = np.array([0, 0, longest - 1, 0])
    words = graph.add("Cast", graph.add("Pad", ids, behind, 0), to=TensorProto.UINT64)
    state: str | np.generic = np.uint64(FNV_OFFSET)
    lengths = graph.add("Unsqueeze", positions.lengths, FIRST)
    found = []
    for size in range(1, longest + 1):
        first = np.array([size - 1])
        last = np.array([END if size == longest else size - longest])
        state = graph.add("BitwiseXor", state, graph.add("Slice", words, first, last, FIRST))
        state = _multiply(graph, state, FNV_PRIME)
        if size in layer.sizes:
            ends = graph.add("Add", positions.index, size)
            is_whole = graph.add("LessOrEqual", ends, lengths)
            if size == 1 and layer.boundaries:
                # A mark alone is no n-gram.
                inside = graph.add("And", is_whole, graph.add("Greater", positions.index, 0))
                is_whole = graph.add("And", inside, graph.add("Less", ends, lengths))
            rows = _find_rows(graph, layer, _mix(graph, state), arrays)
            found.append(graph.add("Where", is_whole, rows, layer.count))
    return found


def _find_rows(graph: Graph, layer: NGrams, keys: str, arrays: Arrays) -> str:
    """Find the row of each key, `count` where it has none."""
    if layer.hashed:
        upper = graph.add("Cast", _shift(graph, keys, 32), to=WHOLE)
        spread = graph.add("Cast", graph.add("Mul", upper, layer.count), to=TensorProto.UINT64)
        return graph.add("Cast", _shift(graph, spread, 32), to=WHOLE)
    return graph.add(
        "LabelEncoder",
        graph.add("Cast", keys, to=WHOLE),
        domain=ML,
        keys_int64s=arrays["keys"].view(np.int64).tolist(),
        values_int64s=list(range(layer.count)),
        default_int64=layer.count,
    )


def _mix(graph: Graph, state: str) -> str:
    keys = _fold(graph, state)
    for mixer in MIXERS:
        keys = _fold(graph, _multiply(graph, keys, mixer))
    return keys


def _fold(graph: Graph, keys: str) -> str:
    return graph.add("BitwiseXor", keys, _shift(graph, keys, 33))


def _shift(graph: Graph, keys: str, bits: int) -> str:
    return graph.add("BitShift", keys, np.uint64(bits), direction="RIGHT")


def _multiply(graph: Graph, keys: str, factor: int) -> str:
    signed = np.uint64(factor).view(np.int64)
    product = graph.add("Mul", graph.add("Cast", keys, to=WHOLE), signed)
    return graph.add("Cast", product, to=TensorProto.UINT64)
