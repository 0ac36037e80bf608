"""A trained network → an ONNX file that was held against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from onnx import ValueInfoProto

from nlptrain.export.onnx.check import check_onnx
from nlptrain.export.onnx.model import build_onnx
from nlptrain.files.storage import write_atomic
from nlptrain.inference.model import Model


@dataclass(frozen=True)
class OnnxFile:
    """An ONNX file that was written.

    Attributes:
        path: Where it is.
        size: Its bytes.
        inputs: Names and shapes of what it reads.
        outputs: Names and shapes of what it gives out.
        operators: The version of each set of operators in use, by domain.
        difference: The largest difference between two probabilities, of it and of the network by
            hand, over a thousand strings.
    """

    path: Path
    size: int
    inputs: str
    outputs: str
    operators: str
    difference: float


def export_onnx(model: Model, path: Path, *, strings: bool = False) -> OnnxFile:
    """Write a network as an ONNX file, after ONNX Runtime has computed with it what we compute.

    Args:
        model: The network.
        path: Where the file goes.
        strings: Whether it reads strings, with an operator of ONNX Runtime's own, not token ids.

    Raises:
        ExportError: A kind of layer has no translation, or the network is too large, or computes
            something else in ONNX Runtime.
        WritingError: The file cannot be written.
    """
    built = build_onnx(model.file, strings=strings)
    data = built.SerializeToString()
    difference = check_onnx(model, data, strings=strings)
    write_atomic(path, data)
    sets = (f"{each.domain or 'ai.onnx'} {each.version}" for each in built.opset_import)
    return OnnxFile(
        path,
        len(data),
        _list_values(built.graph.input),
        _list_values(built.graph.output),
        ", ".join(sets),
        difference,
    )


def _list_values(values: Iterable[ValueInfoProto]) -> str:
    """List values with their shapes: ids (strings × positions), lengths (strings)."""
    listed = []
    for value in values:
        sizes = [each.dim_param or str(each.dim_value) for each in value.type.tensor_type.shape.dim]
        listed.append(f"{value.name} ({' × '.join(sizes)})")
    return ", ".join(listed)
