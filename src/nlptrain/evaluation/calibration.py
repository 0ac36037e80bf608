"""Are probabilities calibrated? Temperature scaling, reliability, expected calibration error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.evaluation.decision import compute_probabilities, row_blocks
from nlptrain.evaluation.intervals import wilson
from nlptrain.numpy_nn.activation import softmax

Floats = NDArray[np.floating]

BINS = 15
"""Of equal width, as in Guo et al. (2017)."""

MOST = 100.0
"""The temperature is limited to 1/100 to 100."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """Stated and observed probability in bins of equal width, without empty bins.

    With two classes this is the probability of class 1, with more that of the most likely class.

    Attributes:
        stated: Mean probability in each bin: (B,).
        observed: Share of its strings in class 1, or classified correctly: (B,).
        examples: Its strings: (B,).
        low: Lower end of the observed share's 95 % confidence interval (Wilson): (B,).
        high: Upper end: (B,).
    """

    stated: NDArray[np.float64]
    observed: NDArray[np.float64]
    examples: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error, Σ n_b/n |observed − stated| (Naeini et al. 2015)."""
        weights = self.examples / self.examples.sum()
        return float((weights * np.abs(self.observed - self.stated)).sum())


def measure_reliability(logits: Floats, classes: NDArray[np.int64]) -> Reliability:
    """Compare the probabilities from logits with the observed frequencies.

    Args:
        logits: (N, 1) for class 1 of two, or (N, C), N at least 1.
        classes: True class indices: (N,).
    """
    blocks = [_state(logits[rows], classes[rows]) for rows in row_blocks(logits)]
    stated, came_true = map(np.concatenate, zip(*blocks, strict=True))
    bins = np.minimum((stated * BINS).astype(np.int64), BINS - 1)
    examples = np.bincount(bins, minlength=BINS)
    is_full = examples > 0
    counts = examples[is_full]
    true_counts = np.bincount(bins, came_true, BINS)[is_full]
    means = np.bincount(bins, stated, BINS)[is_full] / counts
    return Reliability(means, true_counts / counts, counts, *wilson(true_counts, counts))


def _state(
    logits: Floats, classes: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the stated probability of each string, and whether it was correct: (N,) each."""
    probabilities = compute_probabilities(logits)
    if probabilities.shape[1] == 2:
        return probabilities[:, 1].astype(np.float64), classes == 1
    likeliest = probabilities.argmax(axis=1)
    return probabilities.max(axis=1).astype(np.float64), likeliest == classes


def fit_temperature(logits: Floats, classes: NDArray[np.int64]) -> float:
    """Find the T for which logits / T have the smallest cross-entropy (Guo et al. 2017).

    The cross-entropy is convex in 1/T: bisection finds the root of its derivative. If all strings
    are classified correctly, there is no error to learn from, and T is 1.

    Args:
        logits: (N, 1) for class 1 of two, or (N, C).
        classes: True class indices: (N,).
    """
    if _slope(logits, classes, MOST) <= 0:
        # The more confident, the better.
        return 1.0
    low, high = 1 / MOST, MOST
    if _slope(logits, classes, low) >= 0:
        return MOST
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        if _slope(logits, classes, middle) > 0:
            high = middle
        else:
            low = middle
    return float(1 / np.sqrt(low * high))


def _slope(logits: Floats, classes: NDArray[np.int64], factor: float) -> float:
    """Compute the derivative of the summed cross-entropy of factor · logits by the factor.

    Σ_c p_c (z_c − z_y): if a string is classified correctly, no term is above 0.
    """
    return sum(_add_up_slopes(logits[rows], classes[rows], factor) for rows in row_blocks(logits))


def _add_up_slopes(logits: Floats, classes: NDArray[np.int64], factor: float) -> float:
    logits = logits.astype(np.float64)
    if logits.shape[1] == 1:
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
    above_true = logits - np.take_along_axis(logits, classes[:, None], axis=1)
    return float((softmax(factor * logits) * above_true).sum())
