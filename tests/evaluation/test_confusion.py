import tracemalloc

import numpy as np
import pytest
from sklearn import metrics as reference

from nlptrain.evaluation.confusion import count_confusion


def draw(num_classes, strings, seed=0):
    """Draw true and predicted classes, some of which do not occur."""
    generator = np.random.default_rng(seed)
    return generator.integers(0, num_classes, (2, strings))


@pytest.mark.parametrize(("num_classes", "strings"), [(2, 1), (2, 50), (5, 40), (40, 60)])
def test_matrix_equals_scikit_learn(num_classes, strings):
    true, predicted = draw(num_classes, strings)
    found = count_confusion(true, predicted, num_classes)
    expected = reference.confusion_matrix(true, predicted, labels=range(num_classes))
    np.testing.assert_array_equal(found.dense(), expected)
    np.testing.assert_array_equal(found.support, expected.sum(axis=1))
    np.testing.assert_array_equal(found.predictions, expected.sum(axis=0))
    np.testing.assert_array_equal(found.right, expected.diagonal())


def test_true_class_stands_in_the_rows():
    found = count_confusion(np.array([0, 0, 1]), np.array([2, 2, 1]), 3)
    assert found.dense().tolist() == [[0, 0, 2], [0, 1, 0], [0, 0, 0]]


def test_some_classes_are_a_part_of_the_matrix():
    found = count_confusion(*draw(9, 200), 9)
    chosen = np.array([1, 4, 8])
    np.testing.assert_array_equal(found.dense(chosen), found.dense()[np.ix_(chosen, chosen)])


def test_pairs_are_listed_by_how_often_they_are_confused():
    found = count_confusion(np.array([0, 0, 0, 1, 2, 2]), np.array([1, 1, 0, 0, 1, 2]), 3)
    assert found.most_confused() == [(0, 1, 2), (1, 0, 1), (2, 1, 1)]


def test_a_mistake_counts_for_both_classes():
    found = count_confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    assert found.mistakes.tolist() == [1, 1, 0]


def test_pairs_become_plain_values_with_the_names():
    found = count_confusion(np.array([0, 1, 1]), np.array([0, 0, 0]), 2)
    assert found.to_json(["no", "yes"]) == [
        {"true": "no", "predicted": "no", "strings": 1},
        {"true": "yes", "predicted": "no", "strings": 2},
    ]


def test_memory_grows_with_the_classes_and_not_with_their_square():
    true, predicted = draw(30_000, 30_000)
    tracemalloc.start()
    found = count_confusion(true, predicted, 30_000)
    assert found.mistakes.sum() == 2 * (true != predicted).sum()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 30_000
