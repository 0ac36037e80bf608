"""Training on strings and configs that Python gives, and what a notebook shows."""

import re
import tempfile

import numpy as np
import polars as pl
import pytest

import nlptrain

CONFIG = {
    "name": "given",
    "text": {"min_count": 1},
    "model": {"embedding": {"dim": 4}, "encoder": {"type": "pooling"}, "readout": "mean"},
    "training": {"epochs": 2, "batch_size": 8},
    "logging": {"tensorboard": False},
}
TEXTS = [f"{'<b>' if number % 2 else 'ab'}{number}" for number in range(80)]
LABELS = [number % 2 == 1 for number in range(80)]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    runs_dir = tmp_path_factory.mktemp("runs")
    return nlptrain.train(CONFIG, texts=TEXTS, labels=LABELS, runs_dir=runs_dir, baseline=False)


@pytest.fixture
def model(outcome):
    return nlptrain.load(outcome.folder.path)


def test_strings_given_are_split_as_those_of_a_file(outcome, tmp_path):
    table = pl.DataFrame({"text": TEXTS, "label": [str(label) for label in LABELS]})
    table.write_csv(tmp_path / "same.csv")
    given = CONFIG | {"data": {"file": {"path": tmp_path / "same.csv"}}}
    by_file = nlptrain.train(given, runs_dir=tmp_path / "runs", baseline=False)
    records = [each.folder.read_record() for each in (outcome, by_file)]
    assert records[0].data_fingerprint == records[1].data_fingerprint
    models = [each.folder.model_path.read_bytes() for each in (outcome, by_file)]
    assert models[0] == models[1]
    assert records[0].command == "nlptrain.train({…}, texts=…, labels=…, overrides=[])"


def test_strings_are_kept_in_the_run_which_is_resumed_and_scored(outcome):
    folder = outcome.folder.path
    assert (folder / "texts.jsonl").is_file()
    longer = nlptrain.resume(folder, overrides=["training.epochs=3"], baseline=False)
    assert longer.steps == 3 * outcome.steps / 2
    assert nlptrain.evaluate(folder, split="validation").examples == 8


def test_nothing_is_left_in_the_temporary_folder(workplace, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(workplace))
    with pytest.raises(nlptrain.DataError, match=r"^texts: two classes are needed"):
        nlptrain.train(CONFIG, texts=["a", "b", "c"], labels=[1, 1, 1])
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(
    ("texts", "labels", "error", "says"),
    [
        (TEXTS, LABELS[1:], nlptrain.DataError, "80 texts, but 79 labels"),
        (TEXTS, None, TypeError, "texts and labels together"),
        (["a", None], ["p", "q"], TypeError, r"texts\[1\] is None, not a string"),
        (["a", "b"], ["p", None], TypeError, r"labels\[1\] is None"),
        (["a", "b"], [0.5, 1.5], TypeError, r"labels\[0\] is 0\.5 \(float\)"),
    ],
)
def test_strings_that_cannot_be_learnt_are_refused(workplace, texts, labels, error, says):
    with pytest.raises(error, match=says):
        nlptrain.train(CONFIG, texts=texts, labels=labels)
    assert list(workplace.iterdir()) == []


def test_model_gives_probabilities_as_an_array(model):
    texts = pl.Series(["ab", "<b>", ""])
    probabilities = model.predict_proba(texts)
    assert probabilities.shape == (3, 2)
    for row, prediction in zip(probabilities, model.predict(texts), strict=True):
        assert dict(zip(model.labels, row.tolist(), strict=True)) == prediction.probabilities


@pytest.mark.parametrize("texts", ["ab", np.array([["a"]]), [1], [None]])
def test_model_refuses_what_is_no_column_of_strings(model, texts):
    for predict in (model.predict, model.predict_proba):
        with pytest.raises(TypeError, match="texts"):
            predict(texts)


def test_saved_model_is_the_same(model, outcome, tmp_path):
    model.save(tmp_path / "copy.safetensors")
    assert (tmp_path / "copy.safetensors").read_bytes() == outcome.folder.model_path.read_bytes()
    with pytest.raises(nlptrain.RunFolderError, match="cannot write"):
        model.save(tmp_path / "nowhere" / "copy.safetensors")


def test_notebook_shows_an_outcome_as_a_table(outcome):
    assert repr(outcome).startswith("<Outcome of ")
    assert "test accuracy " in repr(outcome)
    html = outcome._repr_html_()
    assert f"{outcome.scores.accuracy:.4f}</td>" in html
    assert outcome.folder.path.name in html


def test_notebook_shows_predictions_as_a_table_that_is_escaped(model):
    assert len(repr(model)) < 200
    predictions = model.predict(["<b>&", *["a"] * 30])
    assert "&lt;b&gt;&amp;" in predictions[0]._repr_html_()
    html = predictions._repr_html_()
    assert "&lt;b&gt;&amp;" in html
    assert html.count("<tr>") == 1 + 20
    assert "and 11 more" in html


def test_notebook_shows_an_explanation_as_a_page_in_a_frame(outcome):
    explanation = nlptrain.explain('a"<b>', outcome.folder.path)
    assert explanation.label in ("False", "True")
    html = explanation._repr_html_()
    assert html.lstrip().startswith("<iframe")
    (page,) = re.findall('srcdoc="([^"]*)"', html)
    assert "<" not in page
    assert "&amp;lt;b&amp;gt;" in page
