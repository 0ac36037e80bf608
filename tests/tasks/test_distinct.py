from itertools import product

import numpy as np
import pytest
from scipy.stats import chisquare

from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.distinct import draw_distinct
from nlptrain.tasks.strings import NO_KEYS, keys_of

TASK = ContainsAny(alphabet="abc", characters="a")
AUTOMATON = TASK.automaton()
ABSENT = ["".join(letters) for letters in product("bc", repeat=4)]


def write(blocks, alphabet):
    """Spell letters one by one."""
    return ["".join(alphabet[place] for place in row) for block in blocks for row in block]


def draw(size, seed=0, length=4, excluded=NO_KEYS):
    count = AUTOMATON.count(length, 0) - len(excluded)
    arguments = (np.array([length]), np.array([size]), np.array([count]))
    generator = np.random.default_rng(seed)
    return write(draw_distinct(AUTOMATON, 0, *arguments, generator, excluded), "abc")


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


def test_lengths_follow_one_another_each_with_its_number():
    lengths, sizes = np.array([2, 3, 8]), np.array([4, 5, 6])
    generator = np.random.default_rng(0)
    texts = write(draw_distinct(TASK.automaton(), 0, lengths, sizes, 2**lengths, generator), "abc")
    assert list(map(len, texts)) == [2] * 4 + [3] * 5 + [8] * 6
    assert len(set(texts)) == 15


@pytest.mark.parametrize("length", [4, 12])
def test_excluded_strings_are_never_drawn(length):
    first = draw(12, length=length)
    letters = np.array([["abc".index(letter) for letter in text] for text in first])
    excluded = np.sort(keys_of(letters.astype(np.uint8)))
    drawn = [text for seed in range(20) for text in draw(4, seed, length, excluded)]
    assert not set(drawn) & set(first)


@pytest.mark.parametrize("alphabet", ["a\0", "\0\U0001f600", "你\u0301"])
@pytest.mark.parametrize("length", [3, 12])
def test_any_letter_is_spelt(alphabet, length):
    task = ContainsAny(alphabet=alphabet, characters=alphabet[0])
    automaton = task.automaton()
    arguments = (np.array([length]), np.array([7]), np.array([automaton.count(length, 1)]))
    texts = write(draw_distinct(automaton, 1, *arguments, np.random.default_rng(0)), alphabet)
    assert {len(text) for text in texts} == {length}
    assert set("".join(texts)) == set(alphabet)
    assert all(alphabet[0] in text for text in texts)
