import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.text import first_seen, string_column
from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.first_seen import find_first_rows, number_in_order
from nlptrain.text.string_column import StringColumn

LETTERS = st.sampled_from("abÀ\0日\ud800😀 ")
TEXTS = st.lists(st.text(LETTERS, max_size=6), max_size=12)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Work on few bytes at a time, so that there are several chunks."""
    for module in (string_column, first_seen):
        monkeypatch.setattr(module, "CHUNK_BYTES", 8)


@given(TEXTS)
def test_a_column_is_the_sequence_that_it_was_built_from(texts):
    column = StringColumn.of(texts)
    assert list(column) == texts
    assert [column[place] for place in range(-len(texts), len(texts))] == texts * 2
    assert column == texts
    assert texts == column
    assert column == StringColumn.of(list(texts))
    assert column[1:-1] == texts[1:-1]
    assert column != [*texts, "a"]
    assert column.lengths.tolist() == list(map(len, texts))
    assert column.is_ascii == "".join(texts).isascii()


@given(TEXTS)
def test_its_code_points_are_those_of_the_strings(texts):
    codes = [code for part in StringColumn.of(texts).code_points() for code in part.tolist()]
    assert codes == list(map(ord, "".join(texts)))


@given(TEXTS, st.data())
def test_strings_are_kept_taken_and_joined(texts, data):
    column = StringColumn.of(texts)
    mask = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    kept = [text for text, is_kept in zip(texts, mask, strict=True) if is_kept]
    assert column.keep(np.array(mask, bool)) == kept
    rows = st.integers(0, max(0, len(texts) - 1))
    places = data.draw(st.lists(rows, max_size=20 if texts else 0))
    assert column.take(np.array(places, np.int64)) == [texts[place] for place in places]
    assert StringColumn.join([column, StringColumn.of(kept)]) == texts + kept


@given(TEXTS, st.data())
def test_some_strings_are_changed_in_their_places(texts, data):
    mask = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    changed = StringColumn.of(texts).edit(
        np.array(mask, bool), lambda found: [f"{text}+é" for text in found]
    )
    assert changed == [
        f"{text}+é" if is_changed else text for text, is_changed in zip(texts, mask, strict=True)
    ]


def test_a_string_longer_than_a_chunk_is_one_piece():
    texts = ["a", "é" * 100, "", "b" * 50]
    assert StringColumn.of(texts) == texts
    assert find_first_rows(StringColumn.of([*texts, *texts])).tolist() == [0, 1, 2, 3] * 2


@given(TEXTS)
def test_rows_of_one_string_have_one_number_in_the_order_first_seen(texts):
    first = find_first_rows(StringColumn.of(texts))
    assert first.tolist() == [texts.index(text) for text in texts]
    distinct = list(dict.fromkeys(texts))
    assert number_in_order(first).tolist() == [distinct.index(text) for text in texts]


@given(TEXTS, st.sampled_from([1, 3]))
def test_strings_of_one_hash_are_still_told_apart(texts, hashes):
    def hash_badly(strings):
        return np.array([len(text) % hashes for text in strings], np.uint64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_seen, "hash_strings", hash_badly)
        found = find_first_rows(StringColumn.of(texts))
    assert found.tolist() == [texts.index(text) for text in texts]


def test_many_strings_find_their_first_row():
    generator = np.random.default_rng(0)
    texts = [f"{number:b}" for number in generator.integers(0, 500, 2000)]
    seen = {}
    expected = [seen.setdefault(text, row) for row, text in enumerate(texts)]
    assert find_first_rows(StringColumn.of(texts)).tolist() == expected


@pytest.mark.parametrize("names", [3, 40])
@pytest.mark.parametrize("length", [1, 8, 9, 32, 33])
def test_strings_are_numbered_however_many_and_long(names, length):
    generator = np.random.default_rng(0)
    texts = [chr(ord("0") + number) * length for number in generator.integers(0, names, 300)]
    column = CodedColumn.of(StringColumn.of(texts))
    assert column == texts
    assert column.names == tuple(dict.fromkeys(texts))


@pytest.mark.parametrize("share", [0, 0.02, 0.5, 0.99, 1])
def test_few_and_nearly_all_of_many_strings_are_kept(share):
    generator = np.random.default_rng(0)
    texts = ["aé"[number % 2] * (number // 2) for number in generator.integers(0, 9, 1000)]
    mask = generator.random(1000) < share
    kept = [text for text, is_kept in zip(texts, mask, strict=True) if is_kept]
    column = StringColumn.of(texts)
    assert column.keep(mask) == kept
    assert column.take(np.flatnonzero(mask)) == kept


@given(TEXTS, TEXTS)
def test_few_different_strings_are_numbered(one, other):
    for column in (CodedColumn.of(one), CodedColumn.of(StringColumn.of(one))):
        assert column == one
        assert list(column.sizes.items()) == [
            (text, one.count(text)) for text in dict.fromkeys(one)
        ]
        joined = CodedColumn.join([column, CodedColumn.of(other)])
        assert joined == one + other
        assert joined.names == tuple(dict.fromkeys(one + other))
        assert joined.rename({"a": "b"}) == ["b" if text == "a" else text for text in one + other]
        assert joined[1:] == (one + other)[1:]
