"""The most confident mistakes in `nlptrain evaluate --mistakes`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nlptrain.cli.output import show_table

if TYPE_CHECKING:
    from nlptrain.inference.scored_file import Mistake

MAX_SHOWN = 100
"""Characters of a string to show."""


def show_mistakes(mistakes: "Sequence[Mistake]") -> None:
    """Print one mistake per row, with its line in the file, and the file where it is a shard."""
    from nlptrain.reporting.literal import shorten

    is_sharded = len({each.file for each in mistakes}) > 1
    rows = [
        (
            *([each.file] if is_sharded else []),
            f"{each.line:,}",
            shorten(each.label, MAX_SHOWN),
            shorten(each.predicted, MAX_SHOWN),
            shorten(repr(each.text), MAX_SHOWN),
            f"{each.probability:.4f}",
        )
        for each in mistakes
    ]
    names = [*(["file"] if is_sharded else []), "line", "label", "predicted"]
    show_table(names, ["probability"], rows, texts=["text"])
