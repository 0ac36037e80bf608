"""Matched negatives: what a pair shares, which pairs there are, and that they stay together."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from nlptrain.errors import DataError
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.dyck1 import Dyck1
from nlptrain.tasks.first_before import FirstBefore
from nlptrain.tasks.flip_flop import FlipFlop
from nlptrain.tasks.majority import Majority
from nlptrain.tasks.pairs import fill_evenly
from nlptrain.tasks.partners import Partners, number_grams, swapped_order
from nlptrain.tasks.regex import Regex
from nlptrain.tasks.same_ends import SameEnds
from nlptrain.tasks.sampling import sample_task
from nlptrain.tasks.sorted import Sorted
from nlptrain.tasks.substring import Substring
from nlptrain.tasks.tomita import Tomita

SIZES = {"train": 120, "validation": 20, "test": 20}


def grams(text, k):
    return Counter(text[start : start + k] for start in range(len(text) - k + 1))


def signature(task, text):
    """Write what a matched string shares with its match."""
    if task.negatives == "bag":
        return tuple(sorted(text))
    k = task.kgram_size
    ends = (text[: k - 1], text[len(text) - k + 1 :])
    return (ends, tuple(sorted(grams(text, k).items())))


MATCHED = [
    Sorted(negatives="bag"),
    SameEnds(negatives="bag"),
    FirstBefore(negatives="kgram"),
    FirstBefore(negatives="kgram", kgram_size=3, alphabet="abc", lengths=(18, 22)),
    Substring(negatives="kgram", lengths=(10, 14)),
    Substring(negatives="kgram", substring="abab", kgram_size=3, alphabet="ab", lengths=(14, 18)),
    FlipFlop(negatives="kgram", lengths=(10, 14)),
    Dyck1(negatives="kgram", lengths=(12, 16)),
    Tomita(number=3, negatives="kgram", lengths=(12, 16)),
    Regex(pattern=".*abc.*", negatives="kgram"),
]


@pytest.mark.parametrize("task", MATCHED, ids=lambda task: f"{task.type}-{task.negatives}")
def test_every_split_holds_each_signature_equally_often_in_both_classes(task):
    drawn = sample_task(task, SIZES, seed=0)
    for name, split in drawn.splits.items():
        signatures = [signature(task, text) for text in split.texts]
        first, second = (
            Counter(s for s, c in zip(signatures, split.classes, strict=True) if c == index)
            for index in (0, 1)
        )
        assert first == second
        assert first.total() == SIZES[name] / 2


@pytest.mark.parametrize(
    "task", [ContainsAny(negatives="near"), Majority(negatives="near"), Tomita(negatives="near")]
)
def test_near_negatives_differ_by_one_letter(task):
    for split in sample_task(task, SIZES, seed=0).splits.values():
        positives = [text for text, c in zip(split.texts, split.classes, strict=True) if c == 1]
        for text, found in zip(split.texts, split.classes, strict=True):
            if found == 0:
                assert any(distance(text, other) == 1 for other in positives)


def distance(text, other):
    if len(text) != len(other):
        return None
    return sum(a != b for a, b in zip(text, other, strict=True))


@pytest.mark.parametrize("task", MATCHED, ids=lambda task: f"{task.type}-{task.negatives}")
def test_no_string_stands_twice_and_classes_are_right(task):
    drawn = sample_task(task, SIZES, seed=1)
    texts = [text for split in drawn.splits.values() for text in split.texts]
    assert len(set(texts)) == len(texts) == 160
    for split in drawn.splits.values():
        for text, found in zip(split.texts, split.classes, strict=True):
            letters = np.array([[task.letters.index(letter) for letter in text]])
            assert task.kinds()[task.automaton().classify(letters)[0]] == found


def test_near_changes_are_all_equally_likely():
    task = ContainsAny(alphabet="abc", characters="a")
    wanted = np.array([False, True])
    absent = np.array([[1, 2, 1, 2]] * 4000)
    partners = Partners(task.automaton(), wanted, "near", 2)
    found, is_found = partners.find(absent, np.random.default_rng(0))
    assert is_found.all()
    # One of four places becomes an a.
    assert chisquare((found == 0).sum(axis=0)).pvalue > 0.001
    assert ((found == absent).sum(axis=1) == 3).all()


def test_near_finds_exactly_the_strings_that_have_a_neighbour():
    task = Tomita(number=7)
    texts = np.array(list(product([0, 1], repeat=7)), np.uint8)
    classes = task.automaton().classify(texts)
    partners = Partners(task.automaton(), np.array([True, False]), "near", 2)
    found, is_found = partners.find(texts, np.random.default_rng(0))
    for text, expected in zip(texts, is_found, strict=True):
        neighbours = texts[(texts != text).sum(axis=1) == 1]
        assert expected == (task.automaton().classify(neighbours) == 0).any()
    assert (task.automaton().classify(found[is_found]) == 0).all()
    assert len(classes) == 128


@given(st.integers(2, 4), st.integers(0, 1000))
def test_swaps_keep_grams_and_ends(k, seed):
    generator = np.random.default_rng(seed)
    letters = generator.integers(0, 2, (30, 16)).astype(np.uint8)
    order = swapped_order(number_grams(letters, k - 1), generator)
    for row, places in zip(letters, order, strict=True):
        before = "".join(map(str, row))
        after = before[: k - 2] + "".join(before[place + k - 2] for place in places)
        assert grams(after, k) == grams(before, k)
        assert (after[: k - 1], after[-k + 1 :]) == (before[: k - 1], before[-k + 1 :])


def test_swaps_reach_every_string_of_the_same_grams():
    start = np.array([[0, 1, 0, 0, 1, 1, 0, 2, 0]], np.uint8)
    wanted = {
        text
        for text in map("".join, product("012", repeat=9))
        if grams(text, 2) == grams("010011020", 2) and text[0] == text[-1] == "0"
    }
    generator, seen = np.random.default_rng(0), set()
    for _ in range(1000):
        order = swapped_order(number_grams(start, 1), generator)
        start = np.take_along_axis(start, order, axis=1)
        seen.add("".join(map(str, start[0])))
    assert seen == wanted


def test_lengths_without_pairs_are_left_out_and_few_are_told():
    task = Sorted(alphabet="ab", lengths=(1, 12))
    notes = sample_task(task, {"train": 40, "validation": 10, "test": 10}, seed=0).notes
    assert notes[0] == "Left out, length 1: every string is 'sorted'."
    # Of length n, a sorted string with k letters b has a match where 0 < k < n.
    assert notes[1] == (
        "Few strings with a match, using all that were found: 2 of length 2; "
        "the other lengths have 4 or more each."
    )


def test_too_few_pairs_are_an_error_that_says_how_many():
    task = Sorted(alphabet="ab", lengths=(2, 4))
    expected = (
        r"14 distinct strings requested, but data.task has only 12 of length 2 to 4 for which"
    )
    with pytest.raises(DataError, match=expected):
        sample_task(task, {"train": 10, "validation": 2, "test": 2}, seed=0)
    texts = (
        sample_task(task, {"train": 8, "validation": 2, "test": 2}, seed=0).splits["train"].texts
    )
    assert len(set(texts)) == 8


def test_letters_that_decide_the_class_have_no_bag_match():
    task = Regex(pattern="b*a(b*ab*a)*b*", alphabet="ab", lengths=(8, 9), negatives="bag")
    with pytest.raises(
        DataError, match=r"0 of length 8 to 9 for which a match was found.*negatives: bag"
    ):
        sample_task(task, SIZES, seed=0)


def test_odd_sizes_are_refused():
    with pytest.raises(DataError, match=r"data.sizes: 21 is odd, but with .* bag strings come in"):
        sample_task(Sorted(), {"train": 40, "validation": 21, "test": 20}, seed=0)


def test_the_seed_decides_the_pairs():
    first, again, other = (sample_task(SameEnds(), SIZES, seed) for seed in (1, 1, 2))
    assert first.splits["train"].texts == again.splits["train"].texts
    assert first.splits["train"].texts != other.splits["train"].texts


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(1, 100))
def test_lengths_are_filled_to_one_level(room, size):
    filled = fill_evenly(np.array(room), size)
    assert (filled <= room).all()
    assert filled.sum() >= min(size, sum(room))
    assert (filled[filled < room] == filled.max()).all()
