"""Whether an ONNX model computes what the network by hand computes."""

from typing import Any

import numpy as np
import onnx
import onnxruntime

from nlptrain.errors import ExportError
from nlptrain.export.probe import draw_strings
from nlptrain.inference.model import Model

LARGEST_DIFFERENCE = 1e-5
"""Between two probabilities."""
ALONE, BATCH = 4, 64
"""The first strings are computed one by one, the others so many at a time, short and long ones."""


def check_onnx(model: Model, data: bytes, *, strings: bool = False) -> float:
    """Hold an ONNX model against the network by hand, on a thousand strings of every kind.

    Args:
        model: The network by hand.
        data: The ONNX file's content.
        strings: Whether it reads strings, not token ids.

    Returns:
        The largest difference between two probabilities.

    Raises:
        ExportError: The file is not sound, or its probabilities are others.
    """
    try:
        onnx.checker.check_model(data, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportError(f"{model.path}: no sound ONNX model: {error!s:.300}") from error
    difference = measure_difference(model, start_session(data), strings=strings)
    if not difference <= LARGEST_DIFFERENCE:
        raise ExportError(
            f"{model.path}: in ONNX Runtime a probability differs by {difference:.1e} from that by "
            f"hand, more than {LARGEST_DIFFERENCE:g}; nothing was written"
        )
    return difference


def start_session(data: bytes) -> Any:
    """Load an ONNX model into ONNX Runtime, on the processor."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # Its warnings are about memory and shapes.
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def measure_difference(model: Model, session: Any, *, strings: bool) -> float:
    """Compute the largest difference between two probabilities; NaN if one of them is none.

    Strings on which the network by hand overflows, as it may on longer ones than it was trained on,
    are left out.
    """
    texts, text = draw_strings(model.file.text), model.file.text
    encoded, expected = text.encode(texts), model.decide(texts).probabilities
    normalized = np.array(text.normalize(texts), object)
    found = np.empty_like(expected)
    alone, mixed = np.arange(ALONE), np.arange(ALONE, len(texts))
    for places in (*np.split(alone, ALONE), *np.array_split(mixed, len(mixed) // BATCH)):
        ids, lengths = encoded.batch(places)
        feed = {"ids": ids.astype(np.int64), "lengths": lengths}
        found[places] = session.run(
            ["probabilities"], {"texts": normalized[places]} if strings else feed
        )[0]
    return float(np.abs(found - expected)[np.isfinite(expected)].max(initial=0))
