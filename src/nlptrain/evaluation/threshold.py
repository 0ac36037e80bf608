"""The probability at or above which a string counts as class 1, chosen on the validation split."""

import numpy as np
from numpy.typing import NDArray

DEFAULT = 0.5


def choose_threshold(
    probabilities: NDArray[np.floating], classes: NDArray[np.int64], rule: str
) -> float:
    """Choose the threshold with the best score; among equals, the one nearest to 0.5.

    Candidates are 0.5 and the midpoints between adjacent probabilities, including 0 and 1.

    Args:
        probabilities: Of class 1: (N,), N at least 1.
        classes: True class indices, 0 or 1: (N,).
        rule: best_f1 (of class 1), best_macro_f1 or best_accuracy.
    """
    values = np.unique([0, *probabilities.astype(np.float64), 1])
    candidates = np.append((values[1:] + values[:-1]) / 2, DEFAULT)
    # A threshold finds the strings at or above it.
    order = np.argsort(probabilities, kind="stable")
    sorted_values = probabilities[order].astype(np.float64)
    below = np.searchsorted(sorted_values, candidates, side="left")
    positives_below = np.concatenate([[0], np.cumsum(classes[order])])[below]
    positives = int(classes.sum())
    found = positives - positives_below
    wrongly_found = len(classes) - below - found
    scores = _SCORES[rule](found, wrongly_found, positives_below, below - positives_below)
    best = np.flatnonzero(scores >= scores.max() - 1e-12)
    nearest = best[np.argmin(np.abs(candidates[best] - DEFAULT))]
    return float(candidates[nearest])


_Counts = NDArray[np.int64]


def _f1(true: _Counts, false: _Counts, missed: _Counts) -> NDArray[np.float64]:
    score: NDArray[np.float64] = 2 * true / np.maximum(2 * true + false + missed, 1)
    return score


def _macro_f1(tp: _Counts, fp: _Counts, fn: _Counts, tn: _Counts) -> NDArray[np.float64]:
    return (_f1(tp, fp, fn) + _f1(tn, fn, fp)) / 2


def _accuracy(tp: _Counts, fp: _Counts, fn: _Counts, tn: _Counts) -> NDArray[np.float64]:
    return (tp + tn) / (tp + fp + fn + tn)


_SCORES = {
    "best_f1": lambda tp, fp, fn, tn: _f1(tp, fp, fn),  # noqa: ARG005
    "best_macro_f1": _macro_f1,
    "best_accuracy": _accuracy,
}
