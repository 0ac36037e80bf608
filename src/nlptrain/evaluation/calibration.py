"""Are probabilities calibrated? Temperature, weights of heads, reliability, calibration error."""

from collections.abc import Sequence
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

NEWTON_STEPS = 100
"""To the weights of heads; it takes about ten."""

NEGLIGIBLE = 1e-6
"""A step that would lower the summed cross-entropy by less, in nats, is not made."""


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
    logits = _complete(logits)
    return float((softmax(factor * logits) * _above_true(logits, classes)).sum())


def _complete(logits: Floats) -> NDArray[np.float64]:
    """Put a logit of 0 before one that is for class 1 of two: (N, C)."""
    all_logits: NDArray[np.float64] = logits.astype(np.float64)
    if logits.shape[1] > 1:
        return all_logits
    return np.concatenate([np.zeros_like(all_logits), all_logits], axis=1)


def _above_true(logits: Floats, classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Subtract the true class's logit from all: log Σ_c exp is then the cross-entropy: (N, C)."""
    above: NDArray[np.float64] = logits - np.take_along_axis(logits, classes[:, None], axis=1)
    return above


def fit_head_weights(parts: Sequence[Floats], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Find the weights w ≥ 0 with which Σ_k w_k · parts_k classifies best.

    Minimizes the summed cross-entropy + Σ_k (w_k − 1)² / 2: a normal prior around equal weights, so
    that few strings change little, and strings that are all classified correctly do not let the
    weights grow without bound. Convex; by Newton's method projected onto w ≥ 0 (Bertsekas 1982).

    Args:
        parts: What each head adds to the logits: K of (N, 1) for class 1 of two, or (N, C).
        classes: True class indices: (N,).

    Returns:
        (K,).
    """
    weights = np.ones(len(parts))
    value, slope, curvature = _differentiate(parts, classes, weights)
    for _ in range(NEWTON_STEPS):
        is_free = (weights > 0) | (slope < 0)
        step = np.zeros_like(weights)
        step[is_free] = np.linalg.solve(curvature[np.ix_(is_free, is_free)], slope[is_free])
        if slope @ step < NEGLIGIBLE:
            break
        trial = np.maximum(weights - step, 0)
        found = _differentiate(parts, classes, trial)
        while found[0] > value:
            step /= 2
            trial = np.maximum(weights - step, 0)
            found = _differentiate(parts, classes, trial)
        weights, (value, slope, curvature) = trial, found
    return weights


def _differentiate(
    parts: Sequence[Floats], classes: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Compute what is minimized, its gradient (K,) and its second derivatives (K, K)."""
    value, slope = float(((weights - 1) ** 2).sum() / 2), weights - 1
    curvature = np.eye(len(weights))
    for rows in row_blocks(parts[0]):
        above = np.stack([_above_true(_complete(part[rows]), classes[rows]) for part in parts])
        combined = np.tensordot(weights, above, 1)
        largest = combined.max(axis=1, keepdims=True)
        value += float((largest[:, 0] + np.log(np.exp(combined - largest).sum(axis=1))).sum())
        probabilities = softmax(combined)
        means = np.einsum("nc,knc->kn", probabilities, above)
        slope = slope + means.sum(axis=1)
        products = np.einsum("nc,knc,lnc->kl", probabilities, above, above, optimize=True)
        curvature = curvature + products - means @ means.T
    return value, slope, curvature
