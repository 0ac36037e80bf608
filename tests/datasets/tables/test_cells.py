import datetime as dt
import json

import pytest

from nlptrain.datasets.tables.cells import to_json, to_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("a", "a"),
        (1, "1"),
        (True, "true"),
        ([1, None], "[1, null]"),
        ({"é": "b"}, '{"é": "b"}'),
        (dt.date(2020, 1, 2), "2020-01-02"),
        (b"a\xff", "a\\xff"),
    ],
)
def test_values_as_text(value, text):
    assert to_text(value) == text


@pytest.mark.parametrize("value", ["é", [1.5, {"a": None}], True, "\0\n\t"])
def test_json_reads_back_as_it_was(value):
    assert json.loads(to_json(value)) == value


def test_numbers_that_json_lacks_become_null():
    assert to_json({"a": [float("nan"), float("inf"), 1.0]}) == '{"a": [null, null, 1.0]}'


def test_half_characters_are_escaped_so_that_the_line_is_valid_utf8():
    text = to_json({"a": "é\udcff"})
    text.encode("utf-8")
    assert json.loads(text) == {"a": "é\udcff"}
