from itertools import product

import numpy as np
import pytest
from scipy.stats import chisquare

from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.distinct import draw_distinct

TASK = ContainsAny(alphabet="abc", characters="a")
ABSENT = ["".join(letters) for letters in product("bc", repeat=4)]


def draw(size, seed=0, length=4):
    automaton = TASK.automaton()
    return draw_distinct(automaton, "abc", length, 0, size, np.random.default_rng(seed))


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 15, 16])
def test_strings_are_distinct_and_of_the_class(size):
    texts = draw(size)
    assert len(texts) == len(set(texts)) == size
    assert set(texts) <= set(ABSENT)


@pytest.mark.parametrize("size", [3, 6])
@pytest.mark.parametrize("place", [0, -1])
def test_every_string_is_equally_likely_at_every_place(size, place):
    drawn = [draw(size, seed)[place] for seed in range(1600)]
    observed = [drawn.count(text) for text in ABSENT]
    assert chisquare(observed).pvalue > 0.001


def test_repeats_are_drawn_again_until_there_are_enough():
    assert len(set(draw(200, length=10))) == 200


@pytest.mark.parametrize("alphabet", ["a\0", "\0\U0001f600", "你\u0301"])
@pytest.mark.parametrize("length", [3, 12])
def test_any_letter_is_spelt(alphabet, length):
    task = ContainsAny(alphabet=alphabet, characters=alphabet[0])
    automaton = task.automaton()
    texts = draw_distinct(automaton, alphabet, length, 1, 7, np.random.default_rng(0))
    assert {len(text) for text in texts} == {length}
    assert set("".join(texts)) == set(alphabet)
    assert all(alphabet[0] in text for text in texts)
