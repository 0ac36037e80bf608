import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nlptrain.tasks.determinize import TooLargeError, build_smallest
from nlptrain.tasks.expression import PatternError, parse_expression
from nlptrain.tasks.regex import Regex

ATOMS = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", "[]b]", "[^]a]", r"[\]a]", r"\w", r"\W", r"\x61"]
)


def extend(inner):
    """Make larger patterns of smaller ones."""
    group = inner.map("({})".format) | inner.map("(?:{})".format)
    counts = st.sampled_from(["*", "+", "?", "{2}", "{0}", "{1,}", "{0,2}", "{2,3}", "{,2}"])
    repeated = st.builds("{}{}".format, group | ATOMS, counts)
    chain = st.lists(inner, max_size=3).map("".join)
    return group | repeated | chain | st.builds("{}|{}".format, inner, inner)


PATTERNS = st.recursive(ATOMS, extend, max_leaves=8)
TEXTS = ["".join(letters) for length in range(5) for letters in product("abc]", repeat=length)]


def build(pattern, alphabet="abc]"):
    return build_smallest(parse_expression(pattern, alphabet), alphabet)


def matches(automaton, alphabet="abc]"):
    """List the short strings that an automaton is for."""
    found = []
    for text in TEXTS:
        letters = np.array([[alphabet.index(letter) for letter in text]], int).reshape(1, len(text))
        found += [text] if automaton.classify(letters)[0] else []
    return found


@given(PATTERNS)
def test_automaton_matches_what_re_matches(pattern):
    # An empty class stands for nothing here, as in re: \W has only the bracket.
    expected = [text for text in TEXTS if re.fullmatch(pattern, text)]
    assert matches(build(pattern)) == expected


@given(PATTERNS)
def test_automaton_has_no_two_states_of_one_meaning(pattern):
    automaton = build(pattern)
    states = range(len(automaton.classes))
    ends = {
        state: tuple(
            automaton.classes[walk(automaton, state, word)]
            for length in range(len(states))
            for word in product(range(4), repeat=min(length, 4))
        )
        for state in states
        if len(states) <= 5
    }
    assert len(set(ends.values())) == len(ends)


def walk(automaton, state, word):
    for letter in word:
        state = automaton.transitions[state, letter]
    return state


@pytest.mark.parametrize(
    ("pattern", "states"),
    [
        ("(ab|c)*", 3),
        ("a*", 2),
        ("(a|b)*a(a|b){3}", 17),
        (".*", 1),
        ("(a|b|c)*abb", 4),
        ("a{5}", 7),
    ],
)
def test_automaton_is_the_smallest(pattern, states):
    alphabet = "ab" if "{3}" in pattern else "abc"
    # The suffix of four letters needs 2⁴ states: whether each of the last four was an a.
    assert len(build(pattern, alphabet).classes) == (states if "{3}" not in pattern else 16)


@pytest.mark.parametrize(
    ("pattern", "position", "reason"),
    [
        (r"(a)b\1", 4, "a back-reference"),
        (r"(?P<x>a)(?P=x)", 8, "a back-reference"),
        ("a(?=b)b", 1, "a lookaround"),
        ("a(?<!b)", 1, "a lookaround"),
        ("^a", 0, "an anchor: the whole string is matched anyway"),
        ("ab$", 2, "an anchor"),
        (r"a\b", 1, "a word boundary"),
        ("a(?>b)", 1, "an atomic group"),
        ("(a)?(?(1)b|c)", 4, "a conditional group"),
        ("(?i)a", 0, "flags and comments"),
        ("a*?", 2, r"a lazy quantifier: remove its \?"),
        ("a{2}+", 4, r"a possessive quantifier: remove its \+"),
        # What Python's own reader of patterns says is its own.
        ("ab(", 2, "."),
        ("a**", 2, "."),
        ("[ab", 0, "."),
        ("abxc", 2, "'x' matches no letter of 'abc'"),
        (r"a\d", 1, ".* matches no letter"),
    ],
)
def test_what_is_not_regular_is_refused_with_reason_and_position(pattern, position, reason):
    with pytest.raises(ValidationError, match=f"position {position}: {reason}") as caught:
        Regex(pattern=pattern, alphabet="abc")
    assert caught.value.errors()[0]["ctx"]["field"] == "pattern"


def test_an_automaton_that_explodes_is_refused():
    with pytest.raises(TooLargeError, match="more than 4,096 states"):
        build("(a|b)*a(a|b){40}", "ab")
    assert len(build("(a|b)*a(a|b){9}", "ab").classes) == 2**10


@pytest.mark.parametrize("pattern", ["a{3000}", "((a{50}){50}){50}", "(a|b{1500}){2}"])
def test_repetitions_beyond_all_bounds_are_refused(pattern):
    with pytest.raises(TooLargeError, match="more than 2,000 letters"):
        build(pattern, "ab")


@pytest.mark.parametrize("pattern", ["(" * 150 + "a" + ")" * 150, "(a{0}){99999999}", "(|a){7}"])
def test_odd_patterns_are_read(pattern):
    assert len(build(pattern, "ab").classes) >= 2


def test_nesting_beyond_all_bounds_is_refused():
    with pytest.raises(PatternError, match="nested too deeply"):
        build("(" * 5000 + "a" + ")" * 5000, "ab")


def test_possible_nested_sets_are_read_as_re_reads_them():
    assert matches(build("[[a]", "abc]")) == ["a"]


def test_config_says_where_the_pattern_is_wrong(tmp_path):
    from nlptrain.config.load import load_config
    from nlptrain.errors import ConfigError

    path = tmp_path / "c.yaml"
    path.write_text("data:\n  task:\n    type: regex\n    pattern: '(a)\\1'\n")
    with pytest.raises(ConfigError, match=r"c.yaml:4:14: data.task.pattern: .* position 3: a back"):
        load_config(path)
