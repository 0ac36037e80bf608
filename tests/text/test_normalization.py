import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.text.normalization import normalize, normalize_column
from nlptrain.text.string_column import StringColumn

FORMS = ["none", "NFC", "NFD", "NFKC", "NFKD"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("none", ["e\u0301", "ﬁ", "abc"]),
        ("NFC", ["\u00e9", "ﬁ", "abc"]),
        ("NFD", ["e\u0301", "ﬁ", "abc"]),
        ("NFKC", ["\u00e9", "fi", "abc"]),
        ("NFKD", ["e\u0301", "fi", "abc"]),
    ],
)
def test_normalize_spells_in_each_form(form, expected):
    assert normalize(["e\u0301", "ﬁ", "abc"], form, lowercase=False) == expected


@given(st.lists(st.text()), st.sampled_from(FORMS[1:]))
def test_normalize_is_unicodedata_for_any_text(texts, form):
    expected = [unicodedata.normalize(form, text) for text in texts]
    assert normalize(texts, form, lowercase=False) == expected


@pytest.mark.parametrize("form", FORMS)
def test_normalize_keeps_marks_surrogates_and_nulls(form):
    texts = ["q\u0303", "\ud800\0", "\udc00\ud800", "", "\0"]
    assert normalize(texts, form, lowercase=False) == texts


def test_normalize_lowercases_only_on_request():
    assert normalize(["AbÇ"], "NFC", lowercase=True) == ["abç"]
    assert normalize(["AbÇ"], "NFC", lowercase=False) == ["AbÇ"]


@given(st.text(), st.sampled_from(FORMS[1:]))
def test_lowercased_text_is_in_its_form(text, form):
    [lowered] = normalize([text], form, lowercase=True)
    assert unicodedata.is_normalized(form, lowered)
    assert normalize([lowered], form, lowercase=True) == [lowered]


def test_normalize_composes_what_lowercasing_made():
    assert normalize(["J\u030c"], "NFC", lowercase=True) == ["\u01f0"]
    assert normalize(["J\u030c"], "none", lowercase=True) == ["j\u030c"]


def test_normalize_lowercases_capitals_that_a_form_brings_out():
    assert normalize(["𝐀"], "NFKC", lowercase=True) == ["a"]


def test_normalize_gives_a_new_list():
    texts = ["a"]
    assert normalize(texts, "none", lowercase=False) is not texts


SPACED = st.lists(
    st.text(st.sampled_from("aÀǰ\u0301\u0085\u00a0\u2003\u3000\x1c \n日ﬁ") | st.characters())
)


@given(SPACED, st.sampled_from(FORMS), st.booleans(), st.booleans())
def test_a_column_is_normalized_as_its_strings_are(texts, form, lowercase, strip):
    expected = normalize(texts, form, lowercase)
    column = normalize_column(StringColumn.of(texts), form, lowercase=lowercase, strip=strip)
    assert column == [text.strip() if strip else text for text in expected]


def test_each_white_space_is_stripped_from_a_column():
    spaces = [letter for letter in map(chr, range(0x110000)) if letter.isspace()]
    column = StringColumn.of([f"{space}a{space}" for space in spaces])
    assert normalize_column(column, "none", lowercase=False, strip=True) == ["a"] * len(spaces)
