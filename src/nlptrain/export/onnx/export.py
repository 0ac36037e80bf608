"""A trained network → an ONNX file that was held against it."""

from dataclasses import dataclass
from pathlib import Path

from nlptrain.export.onnx.check import check_onnx
from nlptrain.export.onnx.model import OPSET, build_onnx
from nlptrain.files.storage import write_atomic
from nlptrain.inference.model import Model


@dataclass(frozen=True)
class OnnxFile:
    """An ONNX file that was written.

    Attributes:
        path: Where it is.
        size: Its bytes.
        opset: The version of ONNX's operators.
        difference: The largest difference between two probabilities, of it and of the network by
            hand, over a thousand strings.
    """

    path: Path
    size: int
    opset: int
    difference: float


def export_onnx(model: Model, path: Path) -> OnnxFile:
    """Write a network as an ONNX file, after ONNX Runtime has computed with it what we compute.

    Raises:
        ExportError: The network is too large, or computes something else in ONNX Runtime.
        WritingError: The file cannot be written.
    """
    data = build_onnx(model.file).SerializeToString()
    difference = check_onnx(model, data)
    write_atomic(path, data)
    return OnnxFile(path, len(data), OPSET, difference)
