import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.reporting.literal import MAX_LINE, literal, literal_lines, to_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller 王 [red]", "Müller 王 [red]"),
        ("a\x1b[31m", "a\\x1b[31m"),
        ("two\nlines", "two\\nlines"),
        ("\u202eabc", "\\u202eabc"),
        ("\udc80", "\\udc80"),
        ("", ""),
    ],
)
def test_literal_escapes_only_what_would_not_show(text, shown):
    assert literal(text) == shown


@given(st.text())
def test_literal_text_is_always_printable(text):
    assert literal(text).isprintable()


def test_a_message_keeps_its_lines_tabs_and_spaces():
    assert literal_lines("a\n\tb\u3000c\xa0d\r\x1b\u202e") == ("a\n\tb\u3000c\xa0d\\r\\x1b\\u202e")


def test_a_line_of_megabytes_is_cut_and_its_neighbours_are_not():
    shown = literal_lines(f"a\n{'b' * 10**6}\nc", MAX_LINE)
    assert shown.startswith("a\nbbb")
    assert shown.endswith("b… (1,000,000 characters)\nc")
    assert len(shown) < MAX_LINE + 50


@given(st.text(), st.sampled_from([None, 2]))
def test_json_is_exact_and_printable(text, indent):
    written = to_json({text: [text]}, indent)
    assert json.loads(written) == {text: [text]}
    assert written.replace("\n", "").isprintable()
    assert ("\n" in written) == (indent is not None)
