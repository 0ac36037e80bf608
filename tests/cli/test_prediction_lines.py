import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.cli.prediction_lines import align, format_bad_text, format_prediction
from nlptrain.inference.model import Prediction

TEXTS = st.text(st.characters(), max_size=20) | st.text("a\t\n\r\ud800\x1b\x85 ", max_size=10)
PREDICTION = Prediction("ab", "no", 0.7, {"yes": 0.2, "no": 0.7, "maybe": 0.1})


def test_line_has_text_label_and_probability():
    assert format_prediction(PREDICTION, as_json=False, top=1) == "ab\tno\t0.7"


def test_likeliest_classes_come_first():
    line = format_prediction(PREDICTION, as_json=False, top=2)
    assert line == "ab\tno\t0.7\tyes\t0.2"


def test_more_classes_than_there_are_show_all():
    assert format_prediction(PREDICTION, as_json=False, top=9).count("\t") == 6


def test_first_label_is_the_predicted_one_even_below_a_half():
    prediction = Prediction("ab", "yes", 0.3, {"no": 0.7, "yes": 0.3})
    assert format_prediction(prediction, as_json=False, top=1) == "ab\tyes\t0.3"


def test_json_line_has_every_probability():
    assert json.loads(format_prediction(PREDICTION, as_json=True, top=1)) == {
        "text": "ab",
        "label": "no",
        "probability": 0.7,
        "probabilities": {"yes": 0.2, "no": 0.7, "maybe": 0.1},
    }


@given(TEXTS, st.booleans())
def test_any_text_stays_on_one_line(text, as_json):
    prediction = Prediction(text, "no", 1.0, {"no": 1.0})
    for line in (
        format_prediction(prediction, as_json=as_json, top=1),
        format_bad_text(text, as_json=as_json),
    ):
        assert not {"\n", "\r", "\x1b"} & set(line)
        assert as_json or line.count("\t") == 2


@given(TEXTS)
def test_json_gives_the_text_back(text):
    line = format_prediction(Prediction(text, "no", 1.0, {"no": 1.0}), as_json=True, top=1)
    assert json.loads(line)["text"] == text
    assert json.loads(line.encode())["text"] == text


def test_bad_text_has_no_prediction():
    assert format_bad_text("a\tb", as_json=False) == "a\\tb\t\t"
    assert set(json.loads(format_bad_text("a", as_json=True)).values()) == {"a", None}


def test_fields_are_aligned_with_wide_characters_as_two():
    assert align(["ab\tno\t0.5", "日本\tmaybe\t0.25"]) == ["ab    no     0.5", "日本  maybe  0.25"]


@pytest.mark.parametrize("text", ["\x1b[31m", "\u202e"])
def test_aligned_text_gives_the_terminal_no_orders(text):
    assert text not in align([f"{text}\tno\t0.5"])[0]
