"""A linear support vector machine with squared hinge loss, one class against the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.evaluation.tfidf import Matrix

Floats = NDArray[np.float32]

_MOST_WEIGHTS = 16_000_000
"""Weights in memory at once (64 MB, in about six arrays): more classes are fitted in turns."""
_LINE_STEPS = 6
"""Newton's steps along a line: the slope is piecewise linear, so few are needed."""


@dataclass(frozen=True)
class Fitting:
    """How a machine is fitted.

    Attributes:
        cost: Weighs the loss against the penalty, C.
        tolerance: Ends when each class's gradient is this small relative to the first one.
        most_steps: Ends after these steps at the latest.
    """

    cost: float = 1.0
    tolerance: float = 0.003
    most_steps: int = 200


def fit_and_score(
    train: Matrix,
    classes: NDArray[np.int64],
    others: Matrix,
    num_classes: int,
    fitting: Fitting,
) -> Floats:
    """Fit one machine a class and compute its decision values of other strings.

    Minimizes |w|²/2 + b²/2 + C Σ max(0, 1 − y (w·x + b))² (Fan et al. 2008, LIBLINEAR).

    Args:
        train: Vectors of the training strings: (N, K).
        classes: Their classes: (N,).
        others: Vectors of the strings to score: (M, K).
        num_classes: With two, a single machine tells class 1 from class 0.
        fitting: How it is fitted.

    Returns:
        Decision values: (M, 1) with two classes, (M, C) with more.
    """
    wanted = np.array([1]) if num_classes == 2 else np.arange(num_classes)
    at_once = max(_MOST_WEIGHTS // max(train.shape[1], 1), 1)
    values = []
    for first in range(0, len(wanted), at_once):
        signs = np.where(classes[:, None] == wanted[first : first + at_once], 1, -1)
        weight, bias = fit_machines(train, signs.astype(np.float32), fitting)
        values.append(others @ weight + bias)
    decisions: Floats = np.concatenate(values, axis=1)
    return decisions


def decide(decisions: Floats) -> NDArray[np.int64]:
    """Choose the class of each string from decision values: (N,)."""
    if decisions.shape[1] == 1:
        return np.where(decisions[:, 0] > 0, 1, 0)
    highest: NDArray[np.int64] = decisions.argmax(axis=1)
    return highest


def fit_machines(matrix: Matrix, signs: Floats, fitting: Fitting) -> tuple[Floats, Floats]:
    """Fit machines side by side by nonlinear conjugate gradients with an exact line search.

    The direction is Polak and Ribière's, restarted where it would turn back (Nocedal and Wright
    2006, chapter 5.2). It is scaled by the diagonal of the second derivative as if all strings
    counted, since frequent n-grams and the bias have far more of it than rare ones.

    Args:
        matrix: Vectors: (N, K).
        signs: For each machine, 1 for its own strings and −1 for others: (N, M).
        fitting: How they are fitted.

    Returns:
        Weights (K, M) and biases (M,).
    """
    transposed, machines = matrix.T.tocsr(), signs.shape[1]
    # The bias is the last row, as the weight of a feature that is always 1.
    weight = np.zeros((matrix.shape[1] + 1, machines), np.float32)
    margins = np.zeros_like(signs)
    direction, before = np.zeros_like(weight), np.zeros_like(weight)
    masses = np.bincount(matrix.indices, matrix.data**2, matrix.shape[1])
    curvatures = 1 + 2 * fitting.cost * np.append(masses, len(signs))
    scale = (1 / curvatures).astype(np.float32)[:, None]
    square: Floats = np.ones(machines, np.float32)
    first = square
    for step in range(fitting.most_steps):
        pull = 2 * fitting.cost * np.maximum(1 - margins, 0) * signs
        gradient = weight.copy()
        gradient[:-1] -= transposed @ pull
        gradient[-1] -= pull.sum(axis=0)
        downhill = scale * gradient
        previous, square = square, _dot(gradient, downhill)
        first = square if step == 0 else first
        if np.all(square <= fitting.tolerance**2 * first):
            break
        turn = np.maximum(0, (square - _dot(downhill, before)) / np.maximum(previous, 1e-30))
        direction = turn * direction - downhill
        change = signs * (matrix @ direction[:-1] + direction[-1])
        length = _search_line(
            margins, change, _dot(weight, direction), _dot(direction, direction), fitting.cost
        )
        weight += length * direction
        margins += length * change
        before = gradient
    return weight[:-1], weight[-1]


def _search_line(
    margins: Floats, change: Floats, slope: Floats, curvature: Floats, cost: float
) -> Floats:
    """Find how far the objective falls along a direction, by Newton's method: (M,)."""
    length = np.zeros_like(slope)
    for _ in range(_LINE_STEPS):
        lack = 1 - margins - length * change
        active = np.where(lack > 0, change, 0)
        first = slope + length * curvature - 2 * cost * (active * lack).sum(axis=0)
        second = curvature + 2 * cost * (active * active).sum(axis=0)
        length = length - first / np.maximum(second, 1e-30)
    return length


def _dot(a: Floats, b: Floats) -> Floats:
    """Multiply two arrays of columns, column by column: (M,)."""
    product: Floats = np.einsum("km,km->m", a, b)
    return product
