"""What a network has to beat: TF-IDF of character n-grams and a linear support vector machine."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.examples import Examples
from nlptrain.evaluation.support_vectors import Fitting, decide, fit_and_score
from nlptrain.evaluation.tfidf import Matrix, count_ngrams, weigh_ngrams
from nlptrain.text.string_column import measure_lengths
from nlptrain.tracking.stage import track

LONGEST_NGRAM = 5

MOST_STRINGS = 50_000
MOST_CHARACTERS = 4_000_000
MOST_WORK = 20_000_000
"""Training strings used, drawn at random: so many, of so many characters, and of so many characters
times classes. They bound the time and the memory."""
MOST_OTHERS, MOST_OTHER_CHARACTERS = 20_000, 1_000_000
"""Strings that choose the setting, and as many that a network is compared on: in their bounds."""
MOST_WORK_TO_CHOOSE = 5_000_000
"""Up to this many characters times classes, validation chooses the setting."""


@dataclass(frozen=True)
class LinearSetting:
    """A setting of the linear model.

    Attributes:
        min_count: Fewest training strings that an n-gram must stand in.
        cost: C of the support vector machine.
    """

    min_count: int
    cost: float


SETTINGS = (LinearSetting(2, 1.0), LinearSetting(1, 1.0), LinearSetting(2, 4.0))
"""What validation chooses from; the first one where it does not."""


@dataclass(frozen=True, eq=False)
class LinearBaseline:
    """A linear model's predictions on the test split.

    Attributes:
        predictions: Class of each test string: (N,).
        setting: The setting taken.
        trained_on: Training strings used.
        validation_accuracy: With which the setting was taken, learnt from training strings alone.
    """

    predictions: NDArray[np.int64]
    setting: LinearSetting
    trained_on: int
    validation_accuracy: float


def predict_by_linear_model(
    train: Examples,
    validation: Examples,
    test: Examples,
    num_classes: int,
    *,
    seed: int,
    choose: bool = True,
    refit: bool = False,
) -> LinearBaseline:
    """Train the linear model, and predict the test strings.

    Args:
        train: Strings to learn from; of many, some are drawn.
        validation: Strings that choose the setting.
        test: Strings to predict.
        num_classes: C.
        seed: Decides which strings are drawn.
        choose: Whether validation chooses the setting, where the data is small enough.
        refit: Whether to learn from the validation strings too once they have chosen.
    """
    drawn = _draw(train, num_classes, seed)
    tried = SETTINGS if choose and _is_small(drawn, num_classes) else SETTINGS[:1]
    counts = count_ngrams([*drawn.texts, *validation.texts, *test.texts], LONGEST_NGRAM)
    learnt, others = counts[: len(drawn)], counts[len(drawn) :]
    best, right = (SETTINGS[0], np.zeros(0, np.int64)), -1
    for setting in track(tried, "training a linear model", len(tried)):
        predicted = _predict(learnt, drawn.classes, others, num_classes, setting)
        known = int((predicted[: len(validation)] == validation.classes).sum())
        if known > right:
            best, right = (setting, predicted[len(validation) :]), known
    setting, predicted = best
    if refit:
        drawn = _draw(train + validation, num_classes, seed)
        counts = count_ngrams([*drawn.texts, *test.texts], LONGEST_NGRAM)
        learnt, others = counts[: len(drawn)], counts[len(drawn) :]
        predicted = _predict(learnt, drawn.classes, others, num_classes, setting)
    return LinearBaseline(predicted, setting, len(drawn), right / max(len(validation), 1))


def _draw(examples: Examples, num_classes: int, seed: int) -> Examples:
    work = MOST_WORK // _machines(num_classes)
    return draw(examples, MOST_STRINGS, min(MOST_CHARACTERS, work), seed)


def _is_small(examples: Examples, num_classes: int) -> bool:
    work = int(measure_lengths(examples.texts).sum()) * _machines(num_classes)
    return work <= MOST_WORK_TO_CHOOSE


def _machines(num_classes: int) -> int:
    return 1 if num_classes == 2 else num_classes


def _predict(
    train: Matrix,
    classes: NDArray[np.int64],
    others: Matrix,
    num_classes: int,
    setting: LinearSetting,
) -> NDArray[np.int64]:
    vectors, other_vectors = weigh_ngrams(train, others, setting.min_count)
    fitting = Fitting(cost=setting.cost)
    return decide(fit_and_score(vectors, classes, other_vectors, num_classes, fitting))


def draw(examples: Examples, strings: int, characters: int, seed: int) -> Examples:
    """Draw at most so many strings of at most so many characters, and at least one."""
    places = draw_places(examples, strings, characters, seed)
    return examples if len(places) == len(examples) else examples.take(places)


def draw_places(examples: Examples, strings: int, characters: int, seed: int) -> NDArray[np.int64]:
    """Return the places of the strings that `draw` draws: in order, if it draws all."""
    lengths = measure_lengths(examples.texts)
    if len(examples) <= strings and lengths.sum() <= characters:
        return np.arange(len(examples))
    order = np.random.default_rng(seed).permutation(len(examples))[:strings]
    fitting = int(np.searchsorted(lengths[order].cumsum(), characters, side="right"))
    return order[: max(fitting, 1)]
