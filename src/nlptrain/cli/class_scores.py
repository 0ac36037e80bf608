"""The classes in `nlptrain evaluate`: all of few, the most important of many."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import typer
from numpy.typing import NDArray

from nlptrain.cli.output import console, say, show_table

if TYPE_CHECKING:
    from nlptrain.evaluation.metrics import Scores

MAX_CLASSES = 20
"""Up to this many classes, all are shown, with the whole confusion matrix."""
MAX_WORST = 10
MAX_PAIRS = 15


def show_classes(scores: "Scores", labels: Sequence[str], *, show_all: bool) -> None:
    """Print the scores of the classes, and which are confused with which."""
    from nlptrain.reporting.table_layout import print_matrix
    from nlptrain.reporting.tables import confusion_table

    everyone, by_size = np.arange(len(labels)), np.argsort(-scores.support, kind="stable")
    if len(labels) <= MAX_CLASSES:
        _show_scores(scores, labels, everyone)
        typer.echo()
        print_matrix(confusion_table(labels, scores.confusion.dense().tolist()), console())
    elif show_all:
        _show_scores(scores, labels, everyone)
        _show_pairs(scores, labels, None)
    else:
        count = f"{len(labels):,} classes; --all-classes shows all"
        say(f"The {MAX_CLASSES} most frequent of {count}:")
        _show_scores(scores, labels, by_size[:MAX_CLASSES])
        # On equal F1, the larger class first; a class without strings has no F1.
        present = by_size[scores.support[by_size] > 0]
        worst = present[np.argsort(scores.f1[present], kind="stable")][:MAX_WORST]
        say(f"\nThe {len(worst)} with the lowest F1:")
        _show_scores(scores, labels, worst)
        _show_pairs(scores, labels, MAX_PAIRS)


def _show_scores(scores: "Scores", labels: Sequence[str], chosen: NDArray[np.int64]) -> None:
    rows = [
        (
            labels[index],
            *(f"{each[index]:.4f}" for each in (scores.precision, scores.recall, scores.f1)),
            f"{scores.support[index]:,}",
        )
        for index in chosen.tolist()
    ]
    show_table(["label"], ["precision", "recall", "F1", "support"], rows)


def _show_pairs(scores: "Scores", labels: Sequence[str], most: int | None) -> None:
    pairs = scores.confusion.most_confused()
    if not pairs:
        return
    rows = [(labels[true], labels[given], f"{n:,}") for true, given, n in pairs[:most]]
    say(f"\nMost often confused, {len(rows):,} of {len(pairs):,} pairs:")
    show_table(["true", "predicted"], ["strings"], rows)
