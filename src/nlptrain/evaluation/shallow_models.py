"""Shallow baselines: linear models on length, letters or n-grams alone."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.examples import Examples
from nlptrain.evaluation.intervals import wilson
from nlptrain.evaluation.linear_baseline import draw, predict_by_linear_model
from nlptrain.evaluation.linear_model import fit_linear
from nlptrain.evaluation.string_counts import FEATURES

MOST_TRAIN, MOST_TEST = 20_000, 10_000
MOST_CHARACTERS = 2_000_000
"""Strings and characters used, drawn at random: enough, and fast."""

Z_99 = 2.5758293035489004
"""Standard deviations of a 99 % interval: several models are compared with chance at once."""


@dataclass(frozen=True)
class ShallowScore:
    """The score of a shallow model on the test split.

    Attributes:
        features: Its input.
        accuracy: On the test strings.
        low: Lower end of its 99 % confidence interval.
        high: Upper end.
        chance: The best test accuracy of always predicting one class.
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

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values."""
        return {**asdict(self), "beats_chance": self.beats_chance}


def score_shallow_models(
    train: Examples, validation: Examples, test: Examples, num_classes: int, *, seed: int = 0
) -> list[ShallowScore]:
    """Score linear models on each kind of counts, and that on TF-IDF, on the test strings."""
    drawn = draw(train, MOST_TRAIN, MOST_CHARACTERS, seed)
    validation, test = (
        draw(split, MOST_TEST, MOST_CHARACTERS, seed) for split in (validation, test)
    )
    # A sample of the strings costs more accuracy than the setting does.
    linear = predict_by_linear_model(
        drawn, validation, test, num_classes, seed=seed, choose=drawn is train
    )
    return [
        *score_counts(drawn, test, num_classes, seed=seed),
        _score("TF-IDF (1 to 5)", linear.predictions, test),
    ]


def score_counts(
    train: Examples, test: Examples, num_classes: int, *, seed: int = 0
) -> list[ShallowScore]:
    """Train a linear model on each kind of counts, and score it on the test strings.

    Args:
        train: The strings to learn from; of many, some are drawn.
        test: The strings to score on, the same.
        num_classes: C.
        seed: Decides which are drawn.
    """
    train = draw(train, MOST_TRAIN, MOST_CHARACTERS, seed)
    test = draw(test, MOST_TEST, MOST_CHARACTERS, seed)
    scores = []
    for name, count in FEATURES.items():
        counts, test_counts = count(train.texts, test.texts)
        model = fit_linear(counts, train.classes, num_classes, seed=seed)
        scores.append(_score(name, model.predict(test_counts), test))
    return scores


def _score(features: str, predicted: NDArray[np.int64], test: Examples) -> ShallowScore:
    right = int((predicted == test.classes).sum())
    low, high = wilson(right, len(test), Z_99)
    chance = float(np.bincount(test.classes).max() / len(test))
    return ShallowScore(features, right / len(test), float(low), float(high), chance)
