"""Accuracy by string length: does the network generalize to longer strings?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.examples import Examples
from nlptrain.evaluation.decision import choose_classes
from nlptrain.evaluation.intervals import wilson
from nlptrain.text.string_column import measure_lengths

MOST_ROWS = 20
"""Rows in the training range, and outside it; if there are more lengths, neighbours share one."""

Lengths = NDArray[np.int64]


@dataclass(frozen=True)
class LengthScore:
    """The accuracy on strings within a range of lengths.

    Attributes:
        shortest: Shortest length, in characters.
        longest: Longest length, inclusive.
        examples: Number of strings.
        accuracy: Share of them classified correctly.
        low: Lower end of its 95 % confidence interval (Wilson).
        high: Upper end.
        in_training: Whether these lengths are in the training range.
    """

    shortest: int
    longest: int
    examples: int
    accuracy: float
    low: float
    high: float
    in_training: bool

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values."""
        return asdict(self)


def score_examples_by_length(
    logits: NDArray[np.floating], examples: Sequence[Examples], train: Examples, threshold: float
) -> list[LengthScore]:
    """Score several sets of strings together, by length.

    Args:
        logits: Of all strings, in order: (N, 1) or (N, C).
        examples: The sets.
        train: The training strings, whose lengths are the training range.
        threshold: Probability at or above which a single logit means class 1.
    """
    lengths = np.concatenate([measure_lengths(each.texts) for each in examples])
    classes = np.concatenate([each.classes for each in examples])
    is_right = choose_classes(logits, threshold) == classes
    trained = measure_lengths(train.texts)
    return score_by_length(lengths, is_right, (int(trained.min()), int(trained.max())))


def score_by_length(
    lengths: Lengths, is_right: NDArray[np.bool_], trained: tuple[int, int]
) -> list[LengthScore]:
    """Score each length, shortest first, separating the training range from the rest.

    Args:
        lengths: Characters of each string: (N,).
        is_right: Whether it was classified correctly: (N,).
        trained: Shortest and longest training string.
    """
    shortest, longest = trained
    sides = (lengths < shortest, (lengths >= shortest) & (lengths <= longest), lengths > longest)
    return [
        row
        for place, side in enumerate(sides)
        for row in _score_rows(lengths[side], is_right[side], in_training=place == 1)
    ]


def _score_rows(
    lengths: Lengths, is_right: NDArray[np.bool_], *, in_training: bool
) -> list[LengthScore]:
    if not len(lengths):
        return []
    starts = np.unique(lengths)
    if len(starts) > MOST_ROWS:
        cuts = np.linspace(lengths.min(), lengths.max() + 1, MOST_ROWS, endpoint=False)
        starts = np.unique(np.ceil(cuts).astype(np.int64))
    places = np.searchsorted(starts, lengths, side="right") - 1
    rows = []
    for place in np.unique(places).tolist():
        inside = places == place
        examples, right = int(inside.sum()), int(is_right[inside].sum())
        low, high = wilson(right, examples)
        rows.append(
            LengthScore(
                int(lengths[inside].min()),
                int(lengths[inside].max()),
                examples,
                right / examples,
                float(low),
                float(high),
                in_training,
            )
        )
    return rows
