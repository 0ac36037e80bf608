"""How `nlptrain evaluate` shows the classes: all of a few, and of many those that matter."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import typer
from numpy.typing import NDArray

from nlptrain.cli.output import console, say

if TYPE_CHECKING:
    from nlptrain.evaluation.metrics import Scores

MOST_CLASSES = 20
"""Classes up to which all are shown, with the whole confusion matrix."""
WORST = 10
PAIRS = 15


def show_classes(scores: "Scores", labels: Sequence[str], *, show_all: bool) -> None:
    """Print the scores of the classes, and which are taken for which.

    Args:
        scores: Of C classes.
        labels: Their names: C of them.
        show_all: Whether to show every class and pair also of more than 20 classes.
    """
    from nlptrain.reporting.table_layout import print_matrix
    from nlptrain.reporting.tables import confusion_table

    everyone, by_size = np.arange(len(labels)), np.argsort(-scores.support, kind="stable")
    if len(labels) <= MOST_CLASSES:
        _show_scores(scores, labels, everyone)
        typer.echo()
        print_matrix(confusion_table(labels, scores.confusion.dense()), console())
    elif show_all:
        _show_scores(scores, labels, everyone)
        _show_pairs(scores, labels, None)
    else:
        count = f"{len(labels):,} classes; --all-classes shows all"
        say(f"The {MOST_CLASSES} most frequent of {count}:")
        _show_scores(scores, labels, by_size[:MOST_CLASSES])
        # Of equal F1 the larger class first; one without strings has no F1 to speak of.
        present = by_size[scores.support[by_size] > 0]
        worst = present[np.argsort(scores.f1[present], kind="stable")][:WORST]
        say(f"\nThe {len(worst)} with the lowest F1:")
        _show_scores(scores, labels, worst)
        _show_pairs(scores, labels, PAIRS)


def _show_scores(scores: "Scores", labels: Sequence[str], chosen: NDArray[np.int64]) -> None:
    from nlptrain.reporting.table_layout import print_table
    from nlptrain.reporting.tables import scores_table

    table = scores_table(
        [labels[index] for index in chosen.tolist()],
        scores.precision[chosen],
        scores.recall[chosen],
        scores.f1[chosen],
        scores.support[chosen],
    )
    print_table(table, console())


def _show_pairs(scores: "Scores", labels: Sequence[str], most: int | None) -> None:
    """Print the pairs that are confused most often, or all of them."""
    from nlptrain.reporting.table_layout import print_table
    from nlptrain.reporting.tables import plain_table

    pairs = scores.confusion.most_confused()
    if not pairs:
        return
    rows = [(labels[true], labels[given], f"{n:,}") for true, given, n in pairs[:most]]
    say(f"\nMost often confused, {len(rows):,} of {len(pairs):,} pairs:")
    print_table(plain_table(["true", "predicted"], ["strings"], rows), console())
