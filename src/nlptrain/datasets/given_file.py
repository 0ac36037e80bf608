"""Strings and labels given in Python, kept as a file, so that a run can be resumed and scored."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from nlptrain.config.plain import LABEL_COLUMN, TEXT_COLUMN
from nlptrain.errors import DataError
from nlptrain.text.given import list_texts, list_values

GIVEN_FILE = "texts.jsonl"
"""Its name in a run folder."""


def write_given(texts: Iterable[str], labels: Iterable[Any], folder: Path) -> Path:
    """Write strings and their labels as JSON Lines, and return the file.

    Args:
        texts: Strings, in whatever `list_texts` takes.
        labels: Strings, whole numbers or booleans, which become text; as many.
        folder: Where to.

    Raises:
        TypeError: The strings are no column of strings, or a label is none of these.
        DataError: The numbers of strings and labels differ.
    """
    strings = list_texts(texts)
    names = [_spell(*each) for each in enumerate(list_values(labels, "labels"))]
    if len(strings) != len(names):
        raise DataError(f"{len(strings):,} texts, but {len(names):,} labels; give one for each")
    path = folder / GIVEN_FILE
    with path.open("w", encoding="ascii") as file:
        for text, label in zip(strings, names, strict=True):
            file.write(json.dumps({TEXT_COLUMN: text, LABEL_COLUMN: label}) + "\n")
    return path


def _spell(place: int, label: object) -> str:
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, str):
        return label
    if isinstance(label, int):
        return str(label)
    raise TypeError(
        f"labels[{place}] is {label!r:.40} ({type(label).__name__}), not a string, a whole number "
        "or a boolean"
    )
