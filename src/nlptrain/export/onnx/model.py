"""A whole model as an ONNX file: token ids and lengths → probabilities and classes."""

import json
from collections.abc import Sequence
from typing import Any, assert_never

import numpy as np
from onnx import ModelProto, TensorProto, helper

from nlptrain.errors import ExportError
from nlptrain.export.onnx.graph import FLOAT, ML, RUNTIME, WHOLE, Graph
from nlptrain.export.onnx.inputs import describe_ids, describe_strings, read_ids, read_strings
from nlptrain.export.onnx.layers import add_network
from nlptrain.export.onnx.positions import Positions
from nlptrain.export.translated import check_translated
from nlptrain.files.model_file import TEXT_SETTINGS, ModelFile
from nlptrain.numpy_nn.members import Members
from nlptrain.text.vocabulary import Vocabulary

OPSETS = {"": 18, ML: 2, RUNTIME: 1}
IR_VERSION = 8
"""The oldest that have every operator in use: the bitwise ones, the encoder of labels."""

METADATA = "nlptrain"
"""The property of the file under which the rest of the model stands, as JSON."""

LARGEST = 2**31 - 1
"""Bytes of a file of protocol buffers."""


def build_onnx(file: ModelFile, *, strings: bool = False) -> ModelProto:
    """Build the ONNX model of a model file.

    Inputs: `ids` (B, T), the token ids of B strings, T at least 1, anything behind a string's end;
    `lengths` (B,), the token ids of each string. Outputs: `probabilities` (B, C), `classes` (B,).

    Args:
        file: The network, and all that goes with it.
        strings: Whether the input is `texts` (B,), strings that are stripped and in their normal
            form; there is `labels` (B,) among the outputs then. Only ONNX Runtime reads it.

    Raises:
        ExportError: A kind of layer has no translation, or the network is too large for a file of
            this format.
    """
    check_translated(file.architecture, "onnx")
    size = sum(array.nbytes for array in file.arrays.values())
    if size > LARGEST:
        raise ExportError(
            f"the network has {size / 2**30:.1f} GiB of parameters; an ONNX file holds 2 GiB"
        )
    graph = Graph()
    ids, positions = read_strings(graph, file.text) if strings else read_ids(graph)
    _add_decision(graph, file, _add_members(graph, file, ids, positions))
    outputs = [
        helper.make_tensor_value_info("probabilities", FLOAT, ["strings", len(file.labels)]),
        helper.make_tensor_value_info("classes", WHOLE, ["strings"]),
    ]
    if strings:
        _add_labels(graph, file.labels)
        outputs.append(helper.make_tensor_value_info("labels", TensorProto.STRING, ["strings"]))
    inputs = describe_strings() if strings else describe_ids()
    used = sorted({"", *(node.domain for node in graph.nodes)})
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "network", inputs, outputs, graph.constants, value_info=graph.shapes
        ),
        producer_name="nlptrain",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid(domain, OPSETS[domain]) for domain in used],
    )
    helper.set_model_props(model, {METADATA: json.dumps(describe(file))})
    return model


def describe(file: ModelFile) -> dict[str, Any]:
    """Describe what turns a string into token ids, and probabilities into a label."""
    text = file.text
    return {
        "labels": list(file.labels),
        "threshold": file.threshold,
        "temperature": file.temperature,
        "loss": file.loss,
        "characters": text.vocabulary.characters,
        **_list_marks(text.vocabulary),
        **{name: getattr(text, name) for name in TEXT_SETTINGS},
    }


def _list_marks(vocabulary: Vocabulary) -> dict[str, Any]:
    """List the token ids that no character has."""
    first = len(vocabulary.characters) + 1
    return {
        "before": [first] * vocabulary.boundaries,
        "behind": [first + 1] * vocabulary.boundaries,
        "unknown": vocabulary.unk_id,
    }


def _add_members(graph: Graph, file: ModelFile, ids: str, positions: Positions) -> str:
    """Add all networks, and the mean of their logits: (B, 1 or C)."""
    logits = [
        add_network(graph, network.architecture, network.arrays, ids, positions)
        for network in Members.of(file.architecture, file.arrays, file.members).networks
    ]
    return logits[0] if len(logits) == 1 else graph.add("Mean", *logits)


def _add_labels(graph: Graph, labels: Sequence[str]) -> None:
    """Name the classes; half a character, which no string of a runtime has, becomes a ?."""
    graph.add(
        "LabelEncoder",
        "classes",
        name="labels",
        domain=ML,
        keys_int64s=list(range(len(labels))),
        values_strings=[label.encode(errors="replace") for label in labels],
    )


def _add_decision(graph: Graph, file: ModelFile, logits: str) -> None:
    """Add the probabilities, and the class that they decide for, as `evaluation/decision.py`."""
    if file.temperature != 1:
        logits = graph.add("Div", logits, np.float32(file.temperature))
    match file.architecture.output:
        case "softmax":
            graph.add("Softmax", logits, name="probabilities", axis=1)
            graph.add("ArgMax", "probabilities", name="classes", axis=1, keepdims=0)
        case "sigmoid":
            positive = graph.add("Sigmoid", logits)
            negative = graph.add("Sub", np.float32(1), positive)
            graph.add("Concat", negative, positive, name="probabilities", axis=1)
            chosen = graph.add("GreaterOrEqual", positive, np.float32(file.threshold))
            graph.add("Cast", graph.add("Squeeze", chosen, np.array([1])), name="classes", to=WHOLE)
        case _:
            assert_never(file.architecture.output)
