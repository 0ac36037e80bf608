"""What a notebook shows in place of an object's `repr`: a small table, or a page in a frame."""

from collections.abc import Sequence

from nlptrain.reporting.pages.page import render_template

MOST_ROWS = 20
"""Predictions shown; a notebook keeps what it shows."""


def render_facts(facts: Sequence[tuple[str, str]]) -> str:
    """Render names and values as HTML; text from the user is escaped."""
    return render_template("fragment.html", header=("", ""), rows=facts, remark="")


def render_predictions(predictions: Sequence[tuple[str, str, float]]) -> str:
    """Render strings with their labels and probabilities as HTML."""
    rows = [(text, label, f"{each:.4f}") for text, label, each in predictions[:MOST_ROWS]]
    left = len(predictions) - len(rows)
    return render_template(
        "fragment.html",
        header=("text", "label", "probability"),
        rows=rows,
        remark=f"and {left:,} more" if left else "",
    )


def frame_page(page: str, title: str) -> str:
    """Put a whole page into a frame, where its style and the notebook's do not mix."""
    return render_template("frame.html", page=page, title=title)
