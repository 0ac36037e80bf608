import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.reporting.literal import literal


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
