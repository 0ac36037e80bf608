"""What a graph reads: token ids with their lengths, or strings."""

import numpy as np
from onnx import TensorProto, ValueInfoProto, helper

from nlptrain.export.onnx.graph import ML, RUNTIME, WHOLE, Graph
from nlptrain.export.onnx.marks import add_marks
from nlptrain.export.onnx.positions import FIRST, SECOND, Positions
from nlptrain.export.probe import is_half
from nlptrain.files.model_file import TextPipeline


def read_ids(graph: Graph) -> tuple[str, Positions]:
    """Read token ids (B, T) and lengths (B,): ids (T, B), 0 behind each string's end."""
    by_position = graph.add("Transpose", "ids", perm=[1, 0])
    positions = Positions.of(graph, by_position, "lengths")
    real = graph.add("Squeeze", positions.real, np.array([2]))
    return graph.add("Where", real, by_position, 0), positions


def describe_ids() -> list[ValueInfoProto]:
    """Describe the inputs that `read_ids` reads."""
    return [
        helper.make_tensor_value_info("ids", WHOLE, ["strings", "positions"]),
        helper.make_tensor_value_info("lengths", WHOLE, ["strings"]),
    ]


def read_strings(graph: Graph, text: TextPipeline) -> tuple[str, Positions]:
    """Read strings (B,), stripped and in their normal form: token ids (T, B), 0 behind the end.

    No operator of ONNX divides a string into its characters; one of ONNX Runtime does, by code
    points. It puts the empty string behind the last one.
    """
    characters = graph.add(
        "Tokenizer", "texts", domain=RUNTIME, mark=0, mincharnum=1, pad_value="", separators=[""]
    )
    # ONNX does not know this operator, and its check may crash where it knows no shape.
    shape = ["strings", "characters"]
    graph.shapes.append(helper.make_tensor_value_info(characters, TensorProto.STRING, shape))
    known = {
        letter: number
        for number, letter in enumerate(text.vocabulary.characters, 1)
        if not is_half(letter)
    }
    ids = graph.add(
        "LabelEncoder",
        characters,
        domain=ML,
        keys_strings=["", *known],
        values_int64s=[0, *known.values()],
        default_int64=text.vocabulary.unk_id,
    )
    if text.max_length is not None:
        ids = graph.add("Slice", ids, np.array([0]), np.array([text.max_length]), SECOND)
    # At least one position, as every layer expects.
    ids = graph.add("Pad", graph.add("Transpose", ids, perm=[1, 0]), np.array([0, 0, 1, 0]), 0)
    is_character = graph.add("Cast", graph.add("Greater", ids, 0), to=WHOLE)
    lengths = graph.add("ReduceSum", is_character, FIRST, keepdims=0)
    positions = Positions.of(graph, ids, lengths)
    if not text.vocabulary.boundaries:
        return ids, positions
    return add_marks(graph, ids, positions, len(text.vocabulary.characters) + 1)


def describe_strings() -> list[ValueInfoProto]:
    """Describe the input that `read_strings` reads."""
    return [helper.make_tensor_value_info("texts", TensorProto.STRING, ["strings"])]
