"""Simple models beside the network: is it worth its time, and does something simple suffice?"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.examples import Dataset
from nlptrain.evaluation.confusion import count_confusion
from nlptrain.evaluation.linear_baseline import (
    MOST_OTHER_CHARACTERS,
    MOST_OTHERS,
    LinearBaseline,
    draw,
    draw_places,
    predict_by_linear_model,
)
from nlptrain.evaluation.paired import PairedCounts
from nlptrain.evaluation.shallow_models import ShallowScore, score_counts


@dataclass(frozen=True, eq=False)
class BaselineComparison:
    """The network and the linear model on the same test strings.

    Attributes:
        model: The linear model's predictions and setting.
        accuracy: Of the linear model.
        macro_f1: Of the linear model.
        counts: On which strings the network and the linear model are right, in this order.
        tested_on: Test strings used.
        strings: Training strings that there are.
        test_strings: Test strings that there are.
        seconds: That training and predicting took.
        shallow: Scores of models that see only the length, the letters or pairs of them.
    """

    model: LinearBaseline
    accuracy: float
    macro_f1: float
    counts: PairedCounts
    tested_on: int
    strings: int
    test_strings: int
    seconds: float
    shallow: list[ShallowScore]

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values, without the time: a resumed run reports the same."""
        low, high = self.counts.interval()
        return {
            "model": "TF-IDF of character n-grams (1 to 5), linear support vector machine",
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "min_count": self.model.setting.min_count,
            "cost": self.model.setting.cost,
            "trained_on": self.model.trained_on,
            "tested_on": self.tested_on,
            "only_network_right": self.counts.first,
            "only_linear_model_right": self.counts.second,
            "difference": self.counts.difference,
            "difference_low": low,
            "difference_high": high,
            "interval": "95 %, paired (Newcombe 1998, method 10)",
            "p_value": self.counts.p_value(),
            "test": "exact McNemar",
        }


def compare_with_linear_model(
    predictions: NDArray[np.int64], dataset: Dataset, seed: int, *, refitted: bool
) -> BaselineComparison:
    """Train the linear model on a dataset, and compare it with a network's predictions.

    Args:
        predictions: The network's class of each test string: (N,).
        dataset: What it was trained on.
        seed: Decides which strings are drawn where there are many.
        refitted: Whether the last of its training strings are those of validation. The linear
            model learns from them as the network did: after they have chosen its setting.
    """
    began = time.monotonic()
    num_classes, train = len(dataset.labels), dataset.train
    if refitted:
        train = train.take(np.arange(len(train) - len(dataset.validation)))
    validation = draw(dataset.validation, MOST_OTHERS, MOST_OTHER_CHARACTERS, seed)
    places = draw_places(dataset.test, MOST_OTHERS, MOST_OTHER_CHARACTERS, seed)
    test = dataset.test.take(places)
    model = predict_by_linear_model(train, validation, test, num_classes, seed=seed, refit=refitted)
    confusion = count_confusion(test.classes, model.predictions, num_classes)
    seen = confusion.predictions + confusion.support
    f1 = 2 * confusion.right / np.maximum(seen, 1)
    right = model.predictions == test.classes
    return BaselineComparison(
        model,
        float(right.mean()),
        float(f1.mean()),
        PairedCounts.of(predictions[places] == test.classes, right),
        len(test),
        len(dataset.train),
        len(dataset.test),
        time.monotonic() - began,
        score_counts(dataset.train, dataset.test, num_classes, seed=seed),
    )
