"""A config given in Python: a dict in place of a file, and strings in place of its data."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nlptrain.config.problems import Document, KeyPath, Problem
from nlptrain.config.scalars import Value

DICT = "config"
"""What messages call a config without a file."""
TEXT_COLUMN, LABEL_COLUMN = "text", "label"
"""The columns of the file that strings given in Python are kept in."""

_OTHER_SOURCE = ("task", "sizes", "fresh", "evaluate_lengths")
_OTHER_FILE = (
    *("validation_path", "test_path", "split", "group"),
    *("format", "delimiter", "header", "quoting", "encoding", "sheet"),
)


def read_dict(values: Mapping[str, Any]) -> Document:
    """Take a dict for a config; what no config can hold becomes a problem."""
    document = Document(DICT, [])
    document.data = {key: _convert(document, (key,), value) for key, value in values.items()}
    return document


def convert_settings(document: Document, settings: Mapping[KeyPath, Any]) -> dict[KeyPath, Value]:
    """Convert values given in Python to those of a config."""
    return {path: _convert(document, path, value) for path, value in settings.items()}


def use_file(document: Document, path: Path) -> None:
    """Let a file of columns text and label be the data; the config's rules for rows stay."""
    data = document.data.setdefault("data", {})
    file = data.get("file") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(file, dict | None):
        return  # Neither is a section, which is refused later.
    rules = {key: value for key, value in (file or {}).items() if key not in _OTHER_FILE}
    for key in _OTHER_SOURCE:
        data.pop(key, None)
    data["file"] = rules | {"path": str(path), "text": TEXT_COLUMN, "label": LABEL_COLUMN}


def _convert(document: Document, path: KeyPath, value: Any) -> Value:
    # A value of NumPy knows the Python value that it stands for.
    value = value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value
    if isinstance(value, Mapping):
        return {key: _convert(document, (*path, key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_convert(document, (*path, place), each) for place, each in enumerate(value)]
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if value is not None and not isinstance(value, str | int | float):
        text = f"a {type(value).__name__} is neither text, a number, true, false, null, a list"
        document.problems.append(Problem(path, f"{text} nor a section"))
        return None
    scalar: Value = value
    return scalar
