import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.config.scalars import format_value, resolve_plain


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_words_for_nothing_are_null(text):
    assert resolve_plain(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "2024-01-02",
        "1_000",
        "0x10",
        "0o17",
        "1:30",
        "010",
        "-",
        "+",
        ".",
        "e5",
        "1e",
        "1,5",
        "inf",
        "nan",
        "tRUE",
        "٣",
        "1 000",
        "-.",
        "00.5",
    ],
)
def test_what_only_looks_like_another_type_stays_text(text):
    assert resolve_plain(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("TRUE", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("+3", 3),
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-0.25", -0.25),
        (".inf", math.inf),
    ],
)
def test_constants_and_numbers_have_their_type(text, value):
    found = resolve_plain(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_a_float():
    assert math.isnan(resolve_plain(".nan"))


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**300), 10**300))
def test_numbers_as_python_writes_them_are_read_back(number):
    assert resolve_plain(repr(number)) == number


def test_an_endless_integer_is_infinite_and_not_a_crash():
    assert resolve_plain("9" * 5000) == math.inf


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (math.inf, ".inf"),
        ({}, "a section"),
        ([], "a list"),
        ("x", "'x'"),
        (0.1, "0.1"),
        ("a\0", r"'a\x00'"),
    ],
)
def test_values_are_shown_as_a_config_writes_them(value, text):
    assert format_value(value) == text


def test_long_values_are_shortened():
    assert len(format_value("x" * 10_000)) == 60
