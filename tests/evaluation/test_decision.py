import numpy as np
import pytest

from nlptrain.evaluation.decision import choose_classes, compute_probabilities

LOGITS = np.random.default_rng(0).normal(0, 5, (40, 1))


def test_one_logit_gives_the_probabilities_of_both_classes():
    probabilities = compute_probabilities(LOGITS)
    np.testing.assert_allclose(probabilities[:, 1], 1 / (1 + np.exp(-LOGITS[:, 0])))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_several_logits_give_a_softmax():
    logits = LOGITS.reshape(10, 4)
    powers = np.exp(logits)
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(compute_probabilities(logits), expected)


@pytest.mark.parametrize("columns", [1, 3])
def test_probabilities_of_extreme_logits_are_numbers(columns):
    logits = np.array([[-1e4] * columns, [1e4] * columns, [0.0] * columns], np.float32)
    logits[:, 0] *= 2
    probabilities = compute_probabilities(logits)
    assert probabilities.dtype == np.float32
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize(("threshold", "expected"), [(0.5, [0, 1, 1]), (0.9, [0, 0, 1])])
def test_class_one_begins_at_the_threshold(threshold, expected):
    logits = np.array([[-0.1], [0.0], [3.0]])
    assert choose_classes(logits, threshold).tolist() == expected


def test_the_likeliest_of_several_classes_is_chosen_and_the_first_of_equals():
    logits = np.array([[1.0, 3.0, 2.0], [4.0, 0.0, 4.0]])
    assert choose_classes(logits).tolist() == [1, 0]


@pytest.mark.parametrize("logits", [1, 3])
def test_no_string_has_no_class(logits):
    nothing = np.empty((0, logits))
    assert choose_classes(nothing).shape == (0,)
    assert compute_probabilities(nothing).shape == (0, max(2, logits))
