from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.errors import ConfigError
from nlptrain.text.vocabulary import Vocabulary

ANY_TEXT = st.text(st.characters(codec=None))
"""All of Unicode, lone surrogates and NUL included."""


def encode_by_dictionary(characters, texts):
    ids = {character: index for index, character in enumerate(characters, 1)}
    return [[ids.get(character, len(characters) + 1) for character in text] for text in texts]


def split_ids(encoded):
    return [ids.tolist() for ids in np.split(encoded.ids, encoded.starts[1:])][: len(encoded)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("abcde", [1, 2, 3, 4, 5]),
        ("ddccb", [4, 4, 3, 3, 2]),
        ("fedaz", [6, 5, 4, 1, 7]),
        ("ddcc", [4, 4, 3, 3, 0]),
        ("abcdea", [1, 2, 3, 4, 5]),
        ("abc", [1, 2, 3, 0, 0]),
    ],
)
def test_vocabulary_encodes_the_course_examples_at_length_five(text, ids):
    encoded = Vocabulary("abcdef").encode([text, "aaaaa"], max_length=5)
    assert encoded.batch(np.array([0, 1]))[0][0].tolist() == ids


def test_vocabulary_encodes_the_course_batch():
    encoded = Vocabulary("abcdef").encode(["abcdea", "ddcc", "fedaz"], max_length=5)
    ids, lengths = encoded.batch(np.arange(3))
    assert ids.tolist() == [[1, 2, 3, 4, 5], [4, 4, 3, 3, 0], [6, 5, 4, 1, 7]]
    assert lengths.tolist() == [5, 4, 5]
    assert (encoded.cut, encoded.unknown) == (1, 1)


def test_vocabulary_gives_one_id_a_character_in_any_script():
    text = "你个扑该!"
    assert Vocabulary.build([text], 1).encode([text]).lengths.tolist() == [5]


def test_vocabulary_counts_pad_and_unknown():
    vocabulary = Vocabulary("abcdef")
    assert (len(vocabulary), vocabulary.unk_id) == (8, 7)


@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=8))
def test_encode_equals_a_dictionary_for_any_text(known, texts):
    vocabulary = Vocabulary("".join(dict.fromkeys(known)))
    encoded = vocabulary.encode([*texts, known])
    expected = encode_by_dictionary(vocabulary.characters, [*texts, known])
    assert split_ids(encoded) == expected
    assert encoded.unknown == sum(ids.count(vocabulary.unk_id) for ids in expected)


@given(st.lists(ANY_TEXT, min_size=1, max_size=8), st.integers(1, 5))
def test_encode_cuts_as_slicing_does(texts, max_length):
    vocabulary = Vocabulary.build(texts, 1)
    encoded = vocabulary.encode(texts, max_length)
    shortened = [text[:max_length] for text in texts]
    assert split_ids(encoded) == encode_by_dictionary(vocabulary.characters, shortened)
    assert encoded.cut == sum(len(text) > max_length for text in texts)


@given(ANY_TEXT)
def test_decode_undoes_encode(text):
    vocabulary = Vocabulary.build([text], 1)
    assert vocabulary.decode(vocabulary.encode([text]).ids) == text


def test_decode_drops_pads_and_marks_the_unknown():
    assert Vocabulary("ab").decode([2, 3, 1, 0, 0]) == "b\N{REPLACEMENT CHARACTER}a"


def test_encode_counts_unknown_characters_after_cutting():
    encoded = Vocabulary("ab").encode(["axb", "zzz", "ab"], max_length=2)
    assert encoded.unknown == 3


@given(st.lists(ANY_TEXT), st.integers(1, 3))
def test_build_keeps_characters_of_enough_strings_by_code_point(texts, min_count):
    counts = Counter(character for text in texts for character in set(text))
    expected = sorted(character for character, count in counts.items() if count >= min_count)
    assert Vocabulary.build(texts, min_count).characters == "".join(expected)


def test_build_counts_a_character_once_a_string():
    assert Vocabulary.build(["aaa", "bb", "b"], 2).characters == "b"


def test_build_counts_over_65536_characters():
    texts = ["".join(map(chr, range(0x10000, 0x10000 + 70000))), "\U00010000\U00020000"]
    assert Vocabulary.build(texts, 2).characters == "\U00010000\U00020000"


def test_from_characters_keeps_their_order():
    assert Vocabulary.from_characters("zax").encode(["axz"]).ids.tolist() == [2, 3, 1]


def test_from_characters_refuses_a_repeated_character():
    with pytest.raises(ConfigError, match=r"text\.vocabulary: 'b' occurs more than once"):
        Vocabulary.from_characters("abcb")


def test_vocabulary_without_characters_knows_nothing():
    assert Vocabulary("").encode(["ab", ""]).ids.tolist() == [1, 1]


def test_vocabularies_are_equal_by_their_characters():
    first, second = Vocabulary("ab"), Vocabulary("ab")
    first.encode(["a"])
    assert first == second != Vocabulary("ba")


@given(texts=st.lists(ANY_TEXT, min_size=1), max_length=st.none() | st.integers(1, 3))
def test_boundaries_put_ids_of_their_own_around_every_string(texts, max_length):
    plain = Vocabulary("abc").encode(texts, max_length)
    marked = Vocabulary("abc", boundaries=True).encode(texts, max_length)
    moved = [[6 if each == 4 else each for each in ids] for ids in split_ids(plain)]
    assert split_ids(marked) == [[4, *ids, 5] for ids in moved]
    assert marked.lengths.tolist() == [len(ids) + 2 for ids in moved]
    assert (marked.cut, marked.unknown) == (plain.cut, plain.unknown)


def test_marks_are_counted_and_vanish_when_decoded():
    vocabulary = Vocabulary("ab", boundaries=True)
    assert (len(vocabulary), vocabulary.unk_id) == (6, 5)
    assert vocabulary.decode(vocabulary.encode(["ab"]).ids) == "ab"
