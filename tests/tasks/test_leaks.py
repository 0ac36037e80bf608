"""Length, letter counts and bigrams tell nothing of a class, where a task can help it."""

from itertools import product
from typing import get_args

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nlptrain.tasks.dyck1 import Dyck1
from nlptrain.tasks.even_pairs import EvenPairs
from nlptrain.tasks.first_before import FirstBefore
from nlptrain.tasks.flip_flop import FlipFlop
from nlptrain.tasks.registry import Task
from nlptrain.tasks.same_ends import SameEnds
from nlptrain.tasks.sampling import sample_task
from nlptrain.tasks.sorted import Sorted
from nlptrain.tasks.substring import Substring
from nlptrain.tasks.tomita import Tomita

CLASSES = [get_args(member)[0] for member in get_args(get_args(Task)[0])]
SIZES = {"train": 3000, "validation": 2, "test": 3000}
NOISE = 3 * 0.5 / 3000**0.5
"""Three standard deviations of the accuracy of a coin on the test split."""

STRICTEST = [
    Substring(negatives="kgram", lengths=(10, 16)),
    FirstBefore(negatives="kgram", lengths=(12, 20)),
    SameEnds(negatives="bag"),
    EvenPairs(negatives="bag"),
    FlipFlop(negatives="kgram", lengths=(12, 20)),
    Dyck1(negatives="kgram", lengths=(12, 20)),
    Tomita(number=3, negatives="kgram", lengths=(12, 20)),
    Tomita(number=4, negatives="kgram", lengths=(12, 20)),
]


def count(texts, letters, size):
    """Count the grams of each string, its length first: (N, 1 + grams)."""
    place = {"".join(gram): i for i, gram in enumerate(product(letters, repeat=size), 1)}
    counts = np.zeros((len(texts), len(place) + 1))
    for row, text in enumerate(texts):
        counts[row, 0] = len(text)
        for start in range(len(text) - size + 1):
            counts[row, place[text[start : start + size]]] += 1
    return counts


def shallow_accuracy(task, size):
    """Score a linear model on length and grams of a size, on strings that it did not see."""
    splits = sample_task(task, SIZES, seed=0).splits
    train, test = (count(splits[name].texts, task.letters, size) for name in ("train", "test"))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    model.fit(train, splits["train"].classes)
    return model.score(test, splits["test"].classes)


@pytest.mark.long
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("task", STRICTEST, ids=lambda task: f"{task.type}-{task.negatives}")
def test_shallow_models_stay_at_chance(task, size):
    accuracy = shallow_accuracy(task, size)
    # Where every pair has the same grams, the model cannot tell its two strings apart.
    is_exact = task.negatives == "kgram" or size == 1
    assert accuracy == 0.5 if is_exact else accuracy < 0.53 + NOISE


@pytest.mark.long
def test_letter_counts_are_the_same_in_sorted_and_unsorted_strings():
    assert shallow_accuracy(Sorted(), 1) == 0.5


def test_tasks_that_are_not_here_say_what_carries_their_answer_by_definition():
    tested = {type(task) for task in STRICTEST}
    for cls in CLASSES:
        if len(cls().labels()) == 2 and cls not in tested:
            assert "by definition" in cls.__doc__, cls


@pytest.mark.long
def test_the_shallow_model_finds_a_leak_where_there_is_one():
    assert shallow_accuracy(Tomita(number=7, lengths=(12, 20)), 2) > 0.8
    assert shallow_accuracy(Sorted(), 2) > 0.95
