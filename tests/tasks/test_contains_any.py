from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nlptrain.tasks.contains_any import ContainsAny


def classify(task, texts):
    """Tell the label of strings of one length; None where they are in no class."""
    letters = np.array([[task.alphabet.index(letter) for letter in text] for text in texts])
    classes = task.automaton().classify(letters)
    return [task.labels()[index] if index >= 0 else None for index in classes]


@pytest.mark.parametrize(
    ("text", "label"),
    [("abcd", "present"), ("ddda", "present"), ("bcde", "absent"), ("jjjj", "absent")],
)
def test_the_course_examples_have_their_labels(text, label):
    assert classify(ContainsAny(), [text]) == [label]


CHARACTERS = st.sets(st.sampled_from("abcd"), min_size=1, max_size=3).map("".join)


@given(CHARACTERS, st.integers(1, 4))
def test_automaton_is_the_definition(characters, length):
    texts = ["".join(letters) for letters in product("abcd", repeat=length)]
    task = ContainsAny(alphabet="abcd", characters=characters)
    expected = ["present" if set(text) & set(characters) else "absent" for text in texts]
    assert classify(task, texts) == expected


@given(CHARACTERS, st.integers(1, 4))
def test_exactly_one_hit_leaves_strings_with_more_out(characters, length):
    texts = ["".join(letters) for letters in product("abcd", repeat=length)]
    task = ContainsAny(alphabet="abcd", characters=characters, hits="one")
    hits = [sum(letter in characters for letter in text) for text in texts]
    assert classify(task, texts) == [{0: "absent", 1: "present"}.get(hit) for hit in hits]


@pytest.mark.parametrize(
    ("characters", "message"),
    [("x", "'x' is not in the alphabet 'abc'"), ("cab", "no string would be absent")],
)
def test_impossible_characters_are_refused(characters, message):
    with pytest.raises(ValidationError, match=message):
        ContainsAny(alphabet="abc", characters=characters)
