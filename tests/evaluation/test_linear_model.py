import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from nlptrain.evaluation.linear_model import fit_linear
from nlptrain.evaluation.metrics import compute_loss
from nlptrain.evaluation.string_counts import count_grams


def noisy_strings(num_classes, strings=600):
    """Draw strings whose letters lean towards their class, and are often wrong."""
    generator = np.random.default_rng(num_classes)
    classes = generator.integers(0, num_classes, strings)
    texts = []
    for class_index in classes:
        weights = np.ones(6)
        weights[class_index] += 1
        texts.append("".join(generator.choice(list("abcdef"), 8, p=weights / weights.sum())))
    return texts, classes


def dense(counts, scale):
    table = np.zeros(counts.shape)
    table[counts.rows, counts.columns] = counts.values
    return table / scale


@pytest.mark.parametrize("num_classes", [2, 4])
def test_the_model_is_scikit_learns_logistic_regression(num_classes):
    texts, classes = noisy_strings(num_classes)
    counts, _ = count_grams(texts, [], sizes=(1, 2))
    penalty = 1e-2
    model = fit_linear(counts, classes, num_classes, weight_decay=penalty, least_steps=3000)
    # A column of ones in place of the intercept: then the penalty counts it too, as ours does.
    features = np.hstack([dense(counts, model.scale), np.ones((len(texts), 1))])
    reference = LogisticRegression(C=1 / (penalty * len(texts)), fit_intercept=False, max_iter=5000)
    reference.fit(features, classes)
    expected = reference.decision_function(features).reshape(len(texts), -1)
    np.testing.assert_allclose(model.logits(counts), expected, atol=0.03)
    agreement = (model.predict(counts) == reference.predict(features)).mean()
    assert agreement > 0.99


def test_a_class_that_one_letter_tells_is_learnt_in_the_usual_time():
    texts = [f"{letter}{number:03b}" for number in range(8) for letter in "ab"]
    counts, others = count_grams(texts, ["a111111", "b0"], sizes=(1,))
    model = fit_linear(counts, np.array([0, 1] * 8), 2)
    assert model.predict(counts).tolist() == [0, 1] * 8
    assert model.predict(others).tolist() == [0, 1]


def test_without_columns_the_frequent_class_is_chosen():
    texts, classes = ["", "", ""], np.array([1, 1, 0])
    counts, _ = count_grams(texts, [], sizes=(1,))
    model = fit_linear(counts, classes, 2)
    assert model.predict(counts).tolist() == [1, 1, 1]
    share = np.log(2)  # the logit of 2 in 3
    assert model.bias[0] == pytest.approx(share, abs=0.02)
    assert compute_loss(model.logits(counts), classes, "bce") < np.log(2)
