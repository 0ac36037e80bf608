import json
import math

import pytest

from nlptrain.serving.refusal import RefusedError, encode_json


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_become_null(value):
    assert json.loads(encode_json({"p": [value, 1.5]})) == {"p": [None, 1.5]}


@pytest.mark.parametrize("text", ["é", "\ud800", "a\nb\x00", "\u2028\u202e", '"\\'])
def test_every_string_is_represented_exactly(text):
    assert json.loads(encode_json({"text": text})) == {"text": text}


def test_what_is_quoted_of_a_request_is_short():
    assert len(RefusedError(400, "what", "where", "x" * 10**6, "allowed").body()) < 300
