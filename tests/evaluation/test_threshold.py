import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from nlptrain.evaluation.threshold import choose_threshold

SCORES = {
    "best_f1": lambda true, predicted: f1_score(true, predicted, zero_division=0),
    "best_macro_f1": lambda true, predicted: f1_score(
        true, predicted, average="macro", zero_division=0
    ),
    "best_accuracy": accuracy_score,
}


@pytest.mark.parametrize("rule", SCORES)
@pytest.mark.parametrize("positives", [0.1, 0.5])
def test_no_threshold_scores_better_by_scikit_learn(rule, positives):
    generator = np.random.default_rng(4)
    classes = (generator.random(80) < positives).astype(np.int64)
    probabilities = np.round(np.clip(generator.normal(0.4 + 0.2 * classes, 0.2), 0, 1), 2)
    chosen = choose_threshold(probabilities, classes, rule)
    reached = SCORES[rule](classes, probabilities >= chosen)
    grid = np.arange(0, 1.01, 0.005)
    best = max(SCORES[rule](classes, probabilities >= threshold) for threshold in grid)
    assert reached == pytest.approx(best)


def test_of_equally_good_ones_the_nearest_to_a_half_is_taken():
    probabilities, classes = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1])
    assert choose_threshold(probabilities, classes, "best_accuracy") == 0.5
    assert choose_threshold(probabilities - 0.1, classes, "best_f1") == 0.5
    assert choose_threshold(probabilities / 2, classes, "best_f1") == pytest.approx(0.25)


@pytest.mark.parametrize("rule", SCORES)
@pytest.mark.parametrize("class_index", [0, 1])
def test_one_class_or_one_value_is_enough(rule, class_index):
    classes = np.full(3, class_index)
    assert 0 < choose_threshold(np.full(3, 0.3, np.float32), classes, rule) <= 0.5
