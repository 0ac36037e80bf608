"""How good predictions are: the scores that training monitors and `evaluate` prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.evaluation.confusion import Confusion, count_confusion
from nlptrain.evaluation.decision import choose_classes, row_blocks
from nlptrain.numpy_nn.loss import loss_of_each
from nlptrain.settings import kinds

Floats = NDArray[np.floating]
Classes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores on a set of strings.

    A ratio with denominator 0 is 0.

    Attributes:
        examples: Number of strings.
        loss: Mean over the strings, without class weights.
        accuracy: Share of the strings classified correctly.
        macro_f1: Mean F1 over all classes, including those without strings.
        precision: Correct share of the strings predicted as each class: (C,).
        recall: Correct share of the strings of each class: (C,).
        f1: Harmonic mean of the two: (C,).
        support: Strings of each class: (C,).
        confusion: Strings by true and predicted class.
        majority_rate: The accuracy of always predicting the most frequent class.
    """

    examples: int
    loss: float
    accuracy: float
    macro_f1: float
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]
    confusion: Confusion
    majority_rate: float

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        """Convert to plain values."""
        columns = (self.precision, self.recall, self.f1, self.support)
        rows = zip(labels, *(column.tolist() for column in columns), strict=True)
        keys = ("label", "precision", "recall", "f1", "support")
        return {
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "loss": self.loss,
            "majority_rate": self.majority_rate,
            "examples": self.examples,
            "classes": [dict(zip(keys, row, strict=True)) for row in rows],
            "confusion": self.confusion.to_json(labels),
        }


def score(logits: Floats, classes: Classes, loss: kinds.Loss, threshold: float = 0.5) -> Scores:
    """Score a network's logits against the true classes.

    Args:
        logits: (N, 1) for class 1 of two with mse and bce, (N, C) with cross_entropy.
        classes: True class indices (N,), N at least 1.
        loss: mse, bce or cross_entropy.
        threshold: Probability at or above which a single logit means class 1.
    """
    num_classes = max(2, logits.shape[1])
    confusion = count_confusion(classes, choose_classes(logits, threshold), num_classes)
    right, support, predicted = confusion.right, confusion.support, confusion.predictions
    f1 = confusion.f1
    return Scores(
        examples=len(classes),
        loss=compute_loss(logits, classes, loss),
        accuracy=float(right.sum() / len(classes)),
        macro_f1=float(f1.mean()),
        precision=_divide(right, predicted),
        recall=_divide(right, support),
        f1=f1,
        support=support,
        confusion=confusion,
        majority_rate=float(support.max() / len(classes)),
    )


def compute_loss(logits: Floats, classes: Classes, loss: kinds.Loss) -> float:
    """Compute the mean loss over the strings from logits, in double precision.

    Args:
        logits: (N, 1) for class 1 of two with mse and bce, (N, C) with cross_entropy.
        classes: True class indices: (N,).
        loss: mse (of the probability of class 1), bce or cross_entropy (natural logarithms).
    """
    blocks = [
        loss_of_each(loss, logits[rows].astype(np.float64), classes[rows])[0]
        for rows in row_blocks(logits)
    ]
    return float(np.concatenate(blocks).mean())


def _divide(numerator: NDArray[np.int64], denominator: NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide elementwise, with 0 for 0 / 0."""
    return numerator / np.maximum(denominator, 1)
