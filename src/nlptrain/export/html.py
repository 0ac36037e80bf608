"""A model file, or two, as one HTML page that computes in the browser."""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import ExportError
from nlptrain.export.translated import check_translated
from nlptrain.files.model_file import ModelFile
from nlptrain.files.storage import write_text
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.layer import Encoder
from nlptrain.numpy_nn.readout import Readout
from nlptrain.numpy_nn.readouts import Several
from nlptrain.numpy_nn.step import AnyLayer, Step
from nlptrain.reporting.pages.network import render_network
from nlptrain.text.normalization import SPACES

MAX_BYTES = 20_000_000
"""Of a page: browsers open larger ones, but slowly, and mail servers refuse them."""
SHOWN_ARRAYS = 3
EXAMPLE_LENGTH = 6


def save_page(model: Model, path: Path, beside: Model | None = None) -> None:
    """Write the page, atomically.

    Raises:
        ExportError: A kind of layer has no translation, or the networks are too large for a page.
        WritingError: The file cannot be written.
    """
    write_text(path, render_page(model, beside))


def choose_path(model: Model, beside: Model | None) -> Path:
    """Choose where the page goes unless told: beside the model file."""
    other = "" if beside is None else f"-beside-{_name(beside.path)}"
    return model.path.with_name(f"{model.path.stem}{other}.html")


def render_page(model: Model, beside: Model | None = None) -> str:
    """Render the page of a network, or of two that read the same string side by side.

    It loads nothing and asks no server.

    Raises:
        ExportError: A kind of layer has no translation, or the networks are too large for a page.
    """
    models = [model] if beside is None else [model, beside]
    for each in models:
        check_translated(each.file.architecture, "html")
    _check_size(models)
    names = _name_all(models)
    described = [
        {"name": name, **describe_network(each.file)}
        for name, each in zip(names, models, strict=True)
    ]
    return render_network(" | ".join(names), described)


def _name_all(models: Sequence[Model]) -> list[str]:
    """Name the networks of one page, and number them where their names are the same."""
    names = [_name(each.path) for each in models]
    if len(set(names)) == len(names):
        return names
    return [f"{name} ({place})" for place, name in enumerate(names, start=1)]


def _name(path: Path) -> str:
    """Name the network by its run's folder, or by the file alone."""
    return path.resolve().parent.name if path.name == "model.safetensors" else path.stem


def _check_size(models: Sequence[Model]) -> None:
    """Refuse arrays that would make the page too large, and name the largest."""
    sizes = [
        (
            array.size * _choose_type(array).itemsize * 4 / 3e6,
            f"{name} of {_name(model.path)}" if models[1:] else name,
        )
        for model in models
        for name, array in model.file.saved_arrays.items()
    ]
    total = sum(size for size, _ in sizes)
    if total <= MAX_BYTES / 1e6:
        return
    shown = ", ".join(
        f"{name} {size:.1f} MB" for size, name in sorted(sizes)[: -SHOWN_ARRAYS - 1 : -1]
    )
    raise ExportError(
        f"{' and '.join(str(each.path) for each in models)}: as a page it would have "
        f"{total:.1f} MB, at most {MAX_BYTES / 1e6:.0f} MB are allowed; the largest arrays: "
        f"{shown}; train a smaller network, with fewer n-grams (min_count), members or units"
    )


def describe_network(file: ModelFile) -> dict[str, Any]:
    """Describe what the page computes with, as plain values."""
    architecture, text = file.architecture, file.text
    shapes = architecture.parameter_shapes()
    return {
        "labels": list(file.labels),
        "threshold": file.threshold,
        "temperature": file.temperature,
        "members": file.members,
        "output": architecture.output,
        "headEnds": list(architecture.head_ends),
        "learned": sum(file.arrays[name].size for name in shapes),
        "example": _choose_example(text.vocabulary.characters),
        "text": {
            "characters": text.vocabulary.characters,
            "boundaries": text.vocabulary.boundaries,
            "maxLength": text.max_length,
            "unicode": text.unicode,
            "lowercase": text.lowercase,
            "strip": text.strip,
            "spaces": SPACES,
        },
        "steps": [_describe_step(step) for step in architecture.steps],
        "arrays": {name: _encode(array) for name, array in file.saved_arrays.items()},
    }


def _choose_example(characters: str) -> str:
    """Choose a string to begin with: the first letters of the vocabulary, if it has letters."""
    letters = [character for character in characters if character.isalpha()]
    return "".join((letters or list(characters))[:EXAMPLE_LENGTH])


def _describe_step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        **describe_layer(step.layer),
        "reads": list(step.reads),
        "perPosition": step.per_position,
        "inputSize": step.input_size,
        "outputSize": step.output_size,
    }


def describe_layer(layer: AnyLayer) -> dict[str, Any]:
    """Describe a layer by the name of its program in the page, and its settings."""
    if isinstance(layer, Several):
        return {
            "kind": "several",
            "settings": {"parts": [describe_layer(each) for each in layer.readouts]},
        }
    return {"kind": _kind_of(layer), "settings": asdict(layer)}


def _kind_of(layer: AnyLayer) -> str:
    match layer:
        case Encoder():
            return layer.type
        case Readout():
            return layer.label
        case _:
            return type(layer).__name__.lower()


def _encode(array: NDArray[Any]) -> dict[str, str]:
    """Write an array as base64 of little-endian numbers."""
    chosen = _choose_type(array)
    # The largest float64 may be infinite in 32 bits, as it would be in the browser.
    with np.errstate(over="ignore"):
        content = array.astype(chosen.newbyteorder("<")).tobytes()
    return {"type": chosen.name, "data": base64.b64encode(content).decode()}


def _choose_type(array: NDArray[Any]) -> np.dtype[Any]:
    """Choose the type of an array's numbers in the page: 32 bits, 16 where the file has no more."""
    if array.dtype.kind == "u":
        return np.dtype(np.uint64)
    return array.dtype if array.dtype == np.float16 else np.dtype(np.float32)
