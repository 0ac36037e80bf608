"""Shallow baselines: linear models on length, letters or n-grams alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.examples import Examples
from nlptrain.evaluation.intervals import wilson
from nlptrain.evaluation.linear_model import fit_linear
from nlptrain.evaluation.string_counts import FEATURES

MOST_TRAIN, MOST_TEST = 20_000, 10_000
MOST_CHARACTERS = 2_000_000
"""Strings and characters that are looked at, drawn at random: enough, and done in seconds."""

Z_99 = 2.5758293035489004
"""Standard deviations of a 99 % interval: several models are held against chance at once."""


@dataclass(frozen=True)
class ShallowScore:
    """What one shallow model reaches on the test split.

    Attributes:
        features: What it sees.
        accuracy: On the test strings.
        low: Lower end of its 99 % interval.
        high: Upper end.
        chance: The best test accuracy of always saying one class.
    """

    features: str
    accuracy: float
    low: float
    high: float
    chance: float

    @property
    def beats_chance(self) -> bool:
        """Whether it beats chance by more than sampling noise."""
        return self.low > self.chance


def score_shallow_models(
    train: Examples, test: Examples, num_classes: int, *, seed: int = 0
) -> list[ShallowScore]:
    """Train a linear model on each kind of counts, and score it on the test strings.

    Args:
        train: The strings to learn from.
        test: The strings to score on.
        num_classes: C.
        seed: Decides the draw from large splits, and the batches.
    """
    train, test = _draw(train, MOST_TRAIN, seed), _draw(test, MOST_TEST, seed)
    chance = float(np.bincount(test.classes).max() / len(test))
    scores = []
    for name, count in FEATURES.items():
        counts, test_counts = count(train.texts, test.texts)
        model = fit_linear(counts, train.classes, num_classes, seed=seed)
        right = int((model.predict(test_counts) == test.classes).sum())
        low, high = wilson(right, len(test), Z_99)
        scores.append(ShallowScore(name, right / len(test), float(low), float(high), chance))
    return scores


def _draw(examples: Examples, most: int, seed: int) -> Examples:
    """Draw strings where there are too many, or too many characters."""
    lengths = np.fromiter(map(len, examples.texts), np.int64, len(examples))
    if len(examples) <= most and lengths.sum() <= MOST_CHARACTERS:
        return examples
    order = np.random.default_rng(seed).permutation(len(examples))[:most]
    fitting = int(np.searchsorted(lengths[order].cumsum(), MOST_CHARACTERS, side="right"))
    return _take(examples.texts, examples.classes, order[: max(fitting, 1)])


def _take(
    texts: Sequence[str], classes: NDArray[np.int64], places: NDArray[np.integer]
) -> Examples:
    return Examples([texts[place] for place in places.tolist()], classes[places])
