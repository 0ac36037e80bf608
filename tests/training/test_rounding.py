"""16-bit vectors of n-grams: what the file has is what is scored, and the cost is what was lost."""

import json
from dataclasses import replace

import numpy as np
import pytest

from nlptrain.files.array_file import load_arrays
from nlptrain.files.model_file import ModelFile
from nlptrain.inference.evaluation import evaluate_split
from nlptrain.reporting.audience import Audience

HALF = ("model.encoder.half_precision=true", "training.epochs=3")
NGRAMS = "encoder.weight"


def read_lines(path):
    return list(map(json.loads, path.read_text().splitlines()))


def score_with_file(folder, split):
    return evaluate_split(str(folder.path), folder.path.parent, split).scores


@pytest.mark.parametrize("best_by", ["accuracy", "macro_f1", "loss"])
def test_report_has_the_scores_before_and_after_rounding(train, best_by):
    told = []
    audience = Audience(tell=told.append)
    outcome = train(*HALF, f"training.best_by={best_by}", encoder="ngrams", audience=audience)
    rounding = json.loads(outcome.folder.report_path.read_text())["rounding"]
    (best,) = [
        line
        for line in read_lines(outcome.folder.metrics_path)
        if line["step"] == outcome.best_step and f"validation_{best_by}" in line
    ]
    as_trained = {name: best[name] for name in rounding["as_trained"]}
    assert rounding["as_trained"] == as_trained
    scores = score_with_file(outcome.folder, "validation")
    after = rounding["half_precision"]
    assert after[f"validation_{best_by}"] == pytest.approx(getattr(scores, best_by), rel=1e-6)
    assert after["validation_loss"] == pytest.approx(scores.loss, rel=1e-6)
    assert after["validation_loss"] != rounding["as_trained"]["validation_loss"]
    assert any(f"{getattr(scores, best_by):.4f}" in sentence for sentence in told)


@pytest.mark.parametrize("members", [1, 2])
def test_file_has_16_bits_and_predicts_what_was_tested(train, members):
    outcome = train(*HALF, f"training.members={members}", encoder="ngrams")
    arrays, _ = load_arrays(outcome.folder.model_path)
    assert {name: array.dtype.name for name, array in arrays.items()} == {
        NGRAMS: "float16",
        "encoder.keys": "uint64",
        "head.0.weight": "float32",
        "head.0.bias": "float32",
    }
    scores = score_with_file(outcome.folder, "test")
    assert scores.loss == pytest.approx(outcome.scores.loss, rel=1e-6)
    assert scores.accuracy == outcome.scores.accuracy


def test_refitted_network_is_tested_with_the_vectors_of_its_file(train):
    outcome = train(*HALF, "training.refit=true", encoder="ngrams")
    arrays, _ = load_arrays(outcome.folder.model_path)
    assert arrays[NGRAMS].dtype == np.float16
    scores = score_with_file(outcome.folder, "test")
    assert scores.loss == pytest.approx(outcome.scores.loss, rel=1e-6)
    assert "rounding" not in json.loads(outcome.folder.report_path.read_text())


def test_what_16_bits_cannot_hold_is_the_nearest_that_they_can(train, tmp_path):
    model = ModelFile.load(train(*HALF, encoder="ngrams").folder.model_path)
    table = model.arrays[NGRAMS].copy()
    table[0, :3] = 1e6, -1e6, 1 + 2**-12
    path = tmp_path / "model.safetensors"
    replace(model, arrays={**model.arrays, NGRAMS: table}).save(path)
    loaded = ModelFile.load(path)
    assert loaded.arrays[NGRAMS].dtype == np.float32
    assert loaded.arrays[NGRAMS][0, :3].tolist() == [65504, -65504, 1]
    np.testing.assert_array_equal(loaded.arrays[NGRAMS][1:], table[1:])
