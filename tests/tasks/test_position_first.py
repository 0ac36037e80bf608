from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nlptrain.tasks.position_first import PositionFirst


def classify(task, texts):
    """Tell the label of strings of one length; None where they are in no class."""
    letters = np.array([[task.alphabet.index(letter) for letter in text] for text in texts])
    classes = task.automaton().classify(letters)
    return [task.labels()[index] if index >= 0 else None for index in classes]


@pytest.mark.parametrize(
    ("text", "label"),
    [("abcdef", "0"), ("bcdaef", "3"), ("bcdefa", "5"), ("bcdefg", "absent"), ("abcdea", None)],
)
def test_strings_have_their_labels(text, label):
    assert classify(PositionFirst(), [text]) == [label]


@given(st.sampled_from("abc"), st.integers(1, 4), st.integers(0, 3))
def test_automaton_is_the_definition(character, length, longer):
    texts = ["".join(letters) for letters in product("abc", repeat=length)]
    task = PositionFirst(alphabet="abc", character=character, lengths=(1, length + longer))
    expected = [
        None if text.count(character) > 1 else str(text.find(character)).replace("-1", "absent")
        for text in texts
    ]
    assert classify(task, texts) == expected


def test_labels_are_the_positions_of_the_longest_string_and_absent():
    assert PositionFirst(lengths=(2, 3)).labels() == ("0", "1", "2", "absent")


def test_a_character_outside_the_alphabet_is_refused():
    with pytest.raises(ValidationError, match="'x' is not in the alphabet 'abc'"):
        PositionFirst(alphabet="abc", character="x")
