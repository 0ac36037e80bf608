import io

import pytest

from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.errors import DataError


def test_keys_of_all_objects_are_columns_and_missing_values_are_none(read_rows):
    content = '\ufeff{"text": "a", "label": 1}\n{"label": null, "more": [2]}\r\n'
    columns, rows = read_rows(content, "data.jsonl")
    assert columns == ("text", "label", "more")
    assert rows == [(1, ("a", 1, None), None), (2, (None, None, [2]), None)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": "a"', "not valid JSON"),
        ('["a"]', "not an object"),
        ('"a"', "not an object"),
        ("", "blank line"),
        ('{"text": "\\ud800"}', "surrogate"),
        ('{"text": ' + "[" * 100_000, "nested too deep"),
        ('{"text": ' + "1" * 5_000 + "}", "not valid JSON"),
    ],
)
def test_line_that_is_no_object_is_a_bad_row_in_its_place(read_rows, line, problem):
    _, rows = read_rows(f'{{"text": "a"}}\n{line}\n{{"text": "b"}}\n', "data.jsonl")
    assert [row.line for row in rows] == [1, 2, 3]
    assert [row.values[0] for row in rows] == ["a", line, "b"]
    assert problem in rows[1].problem


def test_undecodable_line_is_a_bad_row(read_rows):
    _, rows = read_rows(b'{"text": "\xff"}\n{"text": "b"}\n', "data.jsonl")
    assert rows[0].problem == "bytes that are not valid utf-8"
    assert rows[1] == (2, ("b",), None)


def test_pair_of_surrogate_escapes_is_one_character(read_rows):
    assert read_rows('{"text": "\\ud83d\\ude00"}\n', "a.jsonl")[1] == [(1, ("😀",), None)]


def test_blank_lines_at_the_end_are_nothing(read_rows):
    assert len(read_rows('{"text": "a"}\n\n\n', "data.jsonl")[1]) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "the file is empty"), ("a,b\n", "no object in any line; line 1: not valid JSON")],
)
def test_file_without_objects_is_refused(read_rows, content, message):
    with pytest.raises(DataError, match=message):
        read_rows(content, "data.jsonl")


def test_stream_that_cannot_be_read_twice_is_refused():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    with (
        pytest.raises(DataError, match="read twice"),
        read_table(Pipe(b"{}\n"), TableLayout("jsonl")),
    ):
        pass
