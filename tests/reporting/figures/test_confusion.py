import io

import numpy as np
import pytest
from PIL import Image

from nlptrain.evaluation.confusion import count_confusion
from nlptrain.reporting.figures.confusion import ConfusionImage

NAMES17 = [f"language {index}" for index in range(17)]
CELL = 28
"""Pixels of a cell whose count has one digit."""


def draw(labels, matrix):
    """Draw the picture of a confusion matrix: its grey levels."""
    true, predicted = np.indices(np.shape(matrix)).reshape(2, -1)
    cells = [np.repeat(each, np.ravel(matrix)) for each in (true, predicted)]
    confusion = count_confusion(*cells, len(labels))
    png, width, height = ConfusionImage(labels).draw(confusion)
    picture = Image.open(io.BytesIO(png)).convert("L")
    assert picture.size == (width, height)
    return np.asarray(picture)


@pytest.mark.parametrize("labels", [["no", "yes"], NAMES17, [str(index) for index in range(3000)]])
def test_picture_is_square_and_no_larger_than_a_screen(labels):
    pixels = draw(labels, 7 * np.eye(len(labels), dtype=np.int64))
    assert pixels.shape[0] == pixels.shape[1] <= 1000


def test_right_answers_are_dark_on_the_diagonal():
    right = np.eye(17, dtype=np.int64)
    cells = draw(NAMES17, 5 * right)[-17 * CELL - 1 : -1, -17 * CELL - 1 : -1]
    levels = np.median(cells.reshape(17, CELL, 17, CELL), axis=(1, 3))
    np.testing.assert_array_equal(levels < 100, right == 1)


def test_rows_are_the_true_classes():
    one_way = draw(["a", "b"], [[0, 9], [0, 0]])
    other_way = draw(["a", "b"], [[0, 0], [9, 0]])
    assert np.median(one_way[-2 * CELL : -CELL, -CELL:]) < 100
    assert np.median(other_way[-CELL:, -2 * CELL : -CELL]) < 100


def test_large_counts_widen_the_cells():
    small, large = (draw(["a", "b"], [[count, 0], [0, 1]]) for count in (1, 1234567))
    assert large.shape[0] > small.shape[0]


@pytest.mark.parametrize("label", ["x" * 500, "two\nlines", "\x1b[31m", "", "Ελληνικά", "\udc80"])
def test_any_label_can_be_drawn(label):
    pixels = draw([label, "other"], [[1, 2], [3, 4]])
    assert pixels.shape[0] < 500


def test_class_without_examples_leaves_its_row_white():
    pixels = draw(["a", "b"], [[4, 0], [0, 0]])
    assert np.median(pixels[-CELL:, -2 * CELL :]) > 200


def test_of_many_classes_the_most_confused_are_drawn():
    matrix = 9 * np.eye(60, dtype=np.int64)
    matrix[50, 59] = matrix[59, 50] = 90
    pixels = draw([f"class {index}" for index in range(60)], matrix)
    # All 30 drawn are right but the last two, which stand there for 50 and 59.
    corner = pixels[-2 * CELL - 1 : -1, -2 * CELL - 1 : -1]
    levels = np.median(corner.reshape(2, CELL, 2, CELL), axis=(1, 3))
    np.testing.assert_array_equal(levels < 100, [[False, True], [True, False]])
