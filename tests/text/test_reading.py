import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.config.text import TextSection
from nlptrain.text.reading import Reading
from nlptrain.text.vocabulary import Vocabulary

TEXTS = st.lists(st.text(st.sampled_from("ab]^-\\\ufffd\ufffe\n\ud800é"), max_size=6), max_size=8)
VOCABULARIES = st.lists(st.sampled_from("ab]^-\\\ufffd\n\ud800"), min_size=1, unique=True)


@given(TEXTS, VOCABULARIES.map("".join), st.none() | st.integers(1, 5))
def test_strings_read_alike_where_they_have_the_same_token_ids(texts, characters, max_length):
    readings = Reading(max_length, characters).read(texts)
    encoded = Vocabulary(characters).encode(texts, max_length)
    ends = encoded.starts + encoded.lengths
    ids = [tuple(encoded.ids[start:end]) for start, end in zip(encoded.starts, ends, strict=True)]
    for one, reading in zip(ids, readings, strict=True):
        for other, another in zip(ids, readings, strict=True):
            assert (one == other) == (reading == another)


def test_without_a_cut_and_a_vocabulary_the_strings_stay_the_same_list():
    texts = ["abc", "é"]
    assert Reading.of(TextSection()).read(texts) is texts


@pytest.mark.parametrize(
    ("max_length", "vocabulary", "whole"),
    [(None, None, True), (5, "cab", True), (4, None, False), (None, "ab", False)],
)
def test_letters_and_lengths_tell_whether_anything_can_get_lost(max_length, vocabulary, whole):
    assert Reading(max_length, vocabulary).is_whole("abc", 5) == whole


def test_description_names_the_settings():
    assert Reading(1, None).describe() == "after 1 character (text.max_length)"
    assert Reading(1000, "a").describe() == (
        "after 1,000 characters (text.max_length) or in characters missing from text.vocabulary"
    )
