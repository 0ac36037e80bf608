"""Predictions as lines of text or JSON."""

import re
from collections.abc import Sequence

from nlptrain.inference.model import Prediction
from nlptrain.reporting.literal import literal, to_json

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Line and field ends, control characters, and changes of text direction."""


def format_prediction(prediction: Prediction, *, as_json: bool, top: int) -> str:
    """Format text, labels and probabilities with tabs (the likeliest first), or as JSON."""
    if as_json:
        return to_json(prediction.to_json())
    shown = [(prediction.label, prediction.probability)]
    if top > 1:
        shown = sorted(prediction.probabilities.items(), key=lambda entry: -entry[1])[:top]
    fields = [prediction.text]
    for label, probability in shown:
        fields += [label, f"{probability:.6g}"]
    return "\t".join(map(_on_one_line, fields))


def format_bad_text(text: str, *, as_json: bool) -> str:
    """Format a line that could not be read: its text, without a prediction."""
    if as_json:
        empty = {"label": None, "probability": None, "probabilities": None}
        return to_json({"text": text, **empty})
    return f"{_on_one_line(text)}\t\t"


def align(lines: Sequence[str]) -> list[str]:
    """Align the fields of tab-separated lines; wide characters count as two columns."""
    from rich.cells import cell_len

    rows = [[literal(field) for field in line.split("\t")] for line in lines]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            field + " " * (width - cell_len(field))
            for field, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _on_one_line(field: str) -> str:
    if field.isprintable():
        return field
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), field)
