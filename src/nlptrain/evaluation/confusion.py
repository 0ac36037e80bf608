"""Which classes are confused: a sparse confusion matrix, which grows only with the strings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Classes = NDArray[np.int64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Confusion:
    """The confusion matrix without its zeros: P pairs of a true and a predicted class.

    Attributes:
        num_classes: C.
        true: True class indices, ascending: (P,).
        predicted: Predicted class indices, ascending within a true class: (P,).
        counts: Strings of each pair, at least 1: (P,).
    """

    num_classes: int
    true: Classes
    predicted: Classes
    counts: Counts

    @property
    def support(self) -> Counts:
        """Strings of each class: (C,)."""
        return self._add_up(self.true, np.ones(len(self.true), bool))

    @property
    def predictions(self) -> Counts:
        """Strings predicted as each class: (C,)."""
        return self._add_up(self.predicted, np.ones(len(self.true), bool))

    @property
    def right(self) -> Counts:
        """Strings of each class predicted correctly: (C,)."""
        return self._add_up(self.true, self.true == self.predicted)

    @property
    def f1(self) -> NDArray[np.float64]:
        """F1 of each class, 0 where it has no string and is never predicted: (C,)."""
        # 2PR / (P + R), with P = right / predicted and R = right / support.
        shares: NDArray[np.float64] = (
            2 * self.right / np.maximum(self.support + self.predictions, 1)
        )
        return shares

    @property
    def mistakes(self) -> Counts:
        """Strings of each class predicted as another, and of others predicted as it: (C,)."""
        return self.support + self.predictions - 2 * self.right

    def dense(self, classes: Classes | None = None) -> Counts:
        """Count the strings by true class (rows) and predicted class (columns).

        Args:
            classes: Which classes, ascending: (K,); None for all.

        Returns:
            (K, K).
        """
        chosen = np.arange(self.num_classes) if classes is None else classes
        inside = np.isin(self.true, chosen) & np.isin(self.predicted, chosen)
        matrix = np.zeros((len(chosen), len(chosen)), np.int64)
        rows = np.searchsorted(chosen, self.true[inside])
        matrix[rows, np.searchsorted(chosen, self.predicted[inside])] = self.counts[inside]
        return matrix

    def most_confused(self) -> list[tuple[int, int, int]]:
        """List the pairs of two different classes, the most frequent first.

        Returns:
            True class, predicted class, strings.
        """
        wrong = np.flatnonzero(self.true != self.predicted)
        order = wrong[np.argsort(-self.counts[wrong], kind="stable")]
        columns = (self.true[order], self.predicted[order], self.counts[order])
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def to_json(self, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Convert to plain values."""
        columns = (self.true.tolist(), self.predicted.tolist(), self.counts.tolist())
        return [
            {"true": labels[true], "predicted": labels[predicted], "strings": strings}
            for true, predicted, strings in zip(*columns, strict=True)
        ]

    def _add_up(self, classes: Classes, counted: NDArray[np.bool_]) -> Counts:
        totals = np.zeros(self.num_classes, np.int64)
        np.add.at(totals, classes[counted], self.counts[counted])
        return totals


def count_confusion(true: Classes, predicted: Classes, num_classes: int) -> Confusion:
    """Count the strings by true and predicted class.

    Args:
        true: Class indices: (N,).
        predicted: Class indices: (N,).
        num_classes: C.
    """
    cells, counts = np.unique(true * num_classes + predicted, return_counts=True)
    return Confusion(num_classes, *np.divmod(cells, num_classes), counts)
