import json

import numpy as np
import pytest

from every_kind import BESIDE, BESIDE_NGRAMS
from nlptrain.inference.explanation.explanation import explain
from nlptrain.inference.explanation.tables import number
from nlptrain.inference.explanation.wording import write_out
from untrained import make_model

TEXTS = ["abcdefab", "a", ""]


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
@pytest.mark.parametrize("hidden", [(), (4,)])
@pytest.mark.parametrize("kinds", [*BESIDE, *BESIDE_NGRAMS], ids=str)
def test_every_head_and_their_mean_lead_to_the_prediction(kinds, hidden, output):
    model = make_model(**kinds, heads="each", head_hidden_sizes=hidden, output=output)
    for text in TEXTS:
        explanation = explain(model, text)
        trace = explanation.trace
        np.testing.assert_array_equal(trace.logits, model.logits(model.file.text.encode([text]))[0])
        assert len(trace.heads) == 1 + model.file.architecture.num_branches
        for head in trace.heads:
            assert len(head.hidden) == len(hidden)
            expected = head.weight @ head.vector + head.bias
            np.testing.assert_allclose(head.logits, expected, rtol=1e-12)
        mean = np.mean([head.logits for head in trace.heads], axis=0)
        np.testing.assert_allclose(trace.logits, mean, rtol=1e-12)


def test_page_names_each_head_and_shows_the_mean():
    model = make_model(**BESIDE_NGRAMS[1], heads="each", head_hidden_sizes=(2,))
    explanation = explain(model, "abc")
    example = write_out(explanation, full=False, source="m")
    names = ["all branches", "branch 1, cnn", "branch 2, rnn", "the n-grams"]
    titles = [step.title for step in example.steps]
    begin = titles.index("head of all branches: hidden layer 1 of the head (1 × 2)")
    expected = [
        f"head of {name}: {what}"
        for name in names
        for what in ("hidden layer 1 of the head (1 × 2)", "w·x + b → 3 logits")
    ]
    assert titles[begin : begin + 9] == [*expected, "logits of 4 heads → their mean"]
    (table,) = example.steps[begin + 8].tables
    assert table.header == ("head", "absent", "present", "other")
    assert [row[0] for row in table.rows] == [*names, "mean"]
    assert table.rows[-1][1:] == tuple(map(number, explanation.trace.logits.tolist()))
    assert example.outcome.startswith(model.predict(["abc"])[0].label)


def test_page_shows_the_predicted_logit_of_each_head():
    model = make_model(**BESIDE[0], heads="each", output="sigmoid")
    explanation = explain(model, "abc")
    steps = write_out(explanation, full=False, source="m").steps
    lines = [step.lines[-1] for step in steps if step.title.endswith("w·x + b → logit")]
    shown = [line.rpartition(" = ")[2] for line in lines]
    assert shown == [number(float(head.logits[0])) for head in explanation.trace.heads]
    (table,) = next(step.tables for step in steps if step.title.startswith("logits of 3 heads"))
    assert [row[1] for row in table.rows] == [
        *shown,
        number(float(np.mean([head.logits for head in explanation.trace.heads]))),
    ]


def test_json_has_every_head():
    explanation = explain(make_model(**BESIDE[0], heads="each"), "abc")
    values = json.loads(json.dumps(explanation.to_json(), allow_nan=False))
    assert [head["branch"] for head in values["heads"]] == [None, 0, 1]
    assert values["heads"][0]["weight"] == values["head_weight"]
    mean = np.mean([head["logits"] for head in values["heads"]], axis=0)
    np.testing.assert_allclose(values["logits"], mean, rtol=1e-12)
    assert "heads" not in explain(make_model(**BESIDE[0]), "abc").to_json()
