from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.dyck1 import Dyck1
from nlptrain.tasks.flip_flop import FlipFlop
from nlptrain.tasks.letter_table import GUIDE_BITS
from nlptrain.tasks.position_first import PositionFirst
from nlptrain.tasks.regex import Regex
from nlptrain.tasks.sorted import Sorted
from nlptrain.tasks.tomita import Tomita

PARITY = Automaton(np.array([[0, 1, 0], [1, 0, 1]]), np.array([0, 1]))
"""The number of second letters is even (0) or odd (1); the other two letters are alike."""


@st.composite
def automata(draw):
    """Draw any automaton of up to five states, four letters and three classes."""
    states, letters = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    state, class_index = st.integers(0, states - 1), st.integers(-1, 2)
    row = st.lists(state, min_size=letters, max_size=letters)
    transitions = draw(st.lists(row, min_size=states, max_size=states))
    classes = draw(st.lists(class_index, min_size=states, max_size=states))
    return Automaton(np.array(transitions), np.array(classes), draw(state))


def walk(automaton, letters):
    """Tell one string's class, letter by letter."""
    state = automaton.start
    for letter in letters:
        state = automaton.transitions[state, letter]
    return automaton.classes[state]


def list_strings(automaton, length, class_index):
    strings = product(range(automaton.transitions.shape[1]), repeat=length)
    return [string for string in strings if walk(automaton, string) == class_index]


def count_exactly(automaton, length, class_index):
    """Count with Python's integers, state by state."""
    ways = [int(found == class_index) for found in automaton.classes]
    for _ in range(length):
        ways = [sum(ways[state] for state in row) for row in automaton.transitions]
    return ways[automaton.start]


def draw(automaton, length, kind, size, seed=0):
    """Draw strings of one length, as indices into the alphabet."""
    lengths, sizes = np.array([length]), np.array([size])
    [strings] = automaton.draw(lengths, sizes, kind, np.random.default_rng(seed))
    return strings


@given(automata(), st.integers(0, 5), st.integers(0, 2))
def test_enumerate_lists_and_count_counts_all_strings_of_a_class(automaton, length, class_index):
    expected = list_strings(automaton, length, class_index)
    found = automaton.enumerate(length, class_index)
    assert list(map(tuple, found)) == expected
    assert automaton.count(length, class_index) == len(expected)


@given(automata(), st.integers(0, 6), st.data())
def test_classify_walks_every_string(automaton, length, data):
    letter = st.integers(0, automaton.transitions.shape[1] - 1)
    strings = data.draw(st.lists(st.tuples(*[letter] * length), min_size=1, max_size=5))
    found = automaton.classify(np.array(strings, np.uint16).reshape(len(strings), length))
    assert found.tolist() == [walk(automaton, string) for string in strings]


@settings(max_examples=50)
@given(automata(), st.integers(0, 12), st.integers(0, 2))
def test_draw_gives_strings_of_the_class_only(automaton, length, class_index):
    if count_exactly(automaton, length, class_index) == 0:
        with pytest.raises(ValueError, match="has no string of length"):
            draw(automaton, length, class_index, 5)
    else:
        letters = draw(automaton, length, class_index, 5)
        assert letters.shape == (5, length)
        assert (automaton.classify(letters) == class_index).all()


UNEVEN = Automaton(np.array([[1, 2, 0, 0], [1, 1, 2, 2], [0, 2, 2, 1]]), np.array([0, 1, 0]))


@pytest.mark.parametrize("class_index", [0, 1])
@pytest.mark.parametrize(
    ("automaton", "length"),
    [
        (PARITY, 4),
        (UNEVEN, 3),
        (ContainsAny(alphabet="abcd", characters="bd").automaton(), 4),
        (ContainsAny(alphabet="abcd", characters="bd", hits="one").automaton(), 4),
        (PositionFirst(alphabet="abc", lengths=(2, 5)).automaton(), 5),
        (Sorted(alphabet="abc").automaton(), 4),
        (Dyck1(fillers="a").automaton(), 5),
        (Tomita(number=3).automaton(), 7),
        (FlipFlop(lengths=(4, 5)).automaton(), 5),
        (Regex(pattern="(ab|c)*|b.*").automaton(), 5),
    ],
)
def test_draw_is_uniform(automaton, length, class_index):
    strings = automaton.enumerate(length, class_index)
    drawn = draw(automaton, length, class_index, 200 * len(strings), seed=1)
    place = {tuple(string): index for index, string in enumerate(strings)}
    observed = np.bincount([place[tuple(string)] for string in drawn], minlength=len(strings))
    assert chisquare(observed).pvalue > 0.001


@pytest.mark.parametrize("length", [0, 1, 16, 17, 52, 100, 300])
@pytest.mark.parametrize(
    "automaton",
    [
        PARITY,
        UNEVEN,
        ContainsAny(alphabet="abcdefghijklmnopqrstuvwxyz", characters="q").automaton(),
        ContainsAny(hits="one").automaton(),
        PositionFirst(lengths=(1, 300)).automaton(),
        Sorted().automaton(),
        Dyck1(lengths=(1, 300)).automaton(),
        Tomita(number=7).automaton(),
        Regex(pattern="a{9}[ab]*|c").automaton(),
    ],
)
def test_count_equals_exact_integers(automaton, length):
    for class_index in (0, 1):
        exact = count_exactly(automaton, length, class_index)
        found = automaton.count(length, class_index)
        assert found == exact if exact < 2**53 else abs(found - exact) * 10**13 < exact


def test_draw_reaches_lengths_whose_counts_no_float_holds():
    automaton = ContainsAny(alphabet="abcdefghijklmnopqrstuvwxyz").automaton()
    letters = draw(automaton, 1000, 1, 50)
    assert automaton.count(1000, 1) > 10**1400
    assert (letters == 0).any(axis=1).all()
    assert (letters == 0).mean() == pytest.approx(1 / 26, rel=0.1)


def test_draw_depends_on_its_generator_only():
    drawn = [draw(PARITY, 8, 1, 20, seed) for seed in (3, 3, 4)]
    PARITY.count(20, 0)
    assert (drawn[0] == draw(PARITY, 8, 1, 20, 3)).all()
    assert (drawn[0] == drawn[1]).all()
    assert (drawn[0] != drawn[2]).any()


def test_draw_of_nothing_is_empty():
    assert len(draw(PARITY, 3, 0, 0)) == 0


def test_each_length_has_its_number_of_strings():
    lengths, sizes = np.array([1, 4, 5, 9]), np.array([3, 40, 0, 70])
    blocks = PARITY.draw(lengths, sizes, 1, np.random.default_rng(0))
    assert [block.shape for block in blocks] == [(3, 1), (40, 4), (0, 5), (70, 9)]
    assert all((PARITY.classify(block) == 1).all() for block in blocks)


def test_many_strings_are_as_uniform_as_few():
    # So many that a guide by the highest bits looks the letters up.
    strings = UNEVEN.enumerate(4, 1)
    drawn = draw(UNEVEN, 4, 1, 300 * len(strings), seed=2)
    place = {tuple(string): index for index, string in enumerate(strings)}
    assert len(drawn) > len(UNEVEN.classes) << GUIDE_BITS
    observed = np.bincount([place[tuple(string)] for string in drawn], minlength=len(strings))
    assert chisquare(observed).pvalue > 0.001


def test_drawing_a_length_without_strings_among_others_is_refused():
    only_even = Automaton(np.array([[1, 1], [0, 0]]), np.array([0, -1]))
    with pytest.raises(ValueError, match="kind 0 has no string of length 3"):
        only_even.draw(np.array([2, 3, 4]), np.ones(3, int), 0, np.random.default_rng(0))


def test_counts_far_apart_are_both_right():
    # 500 times the first letter, then anything: 26⁵⁰⁰ strings of length 1000, one of length 500.
    chain = np.full((502, 26), 501)
    chain[np.arange(500), 0] = np.arange(1, 501)
    chain[500] = 500
    automaton = Automaton(chain, (np.arange(502) == 500).astype(int))
    assert automaton.count(500, 1) == 1
    assert abs(automaton.count(1000, 1) - 26**500) * 10**12 < 26**500
    assert not draw(automaton, 1000, 1, 5)[:, :500].any()


@given(automata(), st.integers(1, 6))
def test_counts_are_those_of_each_length_and_kind(automaton, longest):
    lengths = np.arange(1, longest + 1)
    counts = automaton.counts(lengths, 3, 50)
    expected = [[min(50, count_exactly(automaton, n, k)) for k in range(3)] for n in lengths]
    assert counts.tolist() == expected
