import json

import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

from nlptrain.errors import ConfigError
from nlptrain.files.model_file import ModelFile
from nlptrain.inference.evaluation import evaluate_split
from nlptrain.inference.model import load
from nlptrain.training.preparation import prepare

NOISY = (
    "training.steps=130",
    "optimizer.learning_rate=0.02",
    "data.sizes.validation=200",
    "data.sizes.test=100",
)
"""Too short a training to be right on every validation string."""


def predictions(outcome, config, split):
    """Predict a split's strings from the model file: P(class 1), and the true classes."""
    examples = prepare(config).dataset.splits[split]
    found = load(outcome.folder.path).predict(examples.texts)
    return np.array([each.probabilities["present"] for each in found]), examples.classes, found


def test_by_default_a_half_decides_and_nothing_is_calibrated(train):
    file = ModelFile.load(train(*NOISY).folder.model_path)
    assert (file.threshold, file.temperature) == (0.5, 1.0)


def test_threshold_is_chosen_on_validation_and_kept_in_the_model_file(train, make_config):
    rule = "training.threshold=best_f1"
    outcome, config = train(*NOISY, rule), make_config(*NOISY, rule)
    threshold = ModelFile.load(outcome.folder.model_path).threshold
    probabilities, classes, _ = predictions(outcome, config, "validation")
    reached = f1_score(classes, probabilities >= threshold)
    assert threshold != 0.5
    best = max(f1_score(classes, probabilities >= each) for each in probabilities)
    assert reached == pytest.approx(best)


def test_report_evaluate_and_predict_decide_by_the_file(train, make_config):
    settings = (*NOISY, "training.threshold=best_f1", "training.calibration=temperature")
    outcome, config = train(*settings), make_config(*settings)
    report = json.loads(outcome.folder.report_path.read_text())
    evaluation = evaluate_split(str(outcome.folder.path), outcome.folder.path.parent, "test")
    assert evaluation.scores.accuracy == report["accuracy"] == outcome.scores.accuracy
    assert evaluation.reliability.error == pytest.approx(report["expected_calibration_error"])
    probabilities, classes, found = predictions(outcome, config, "test")
    labels = ["present" if p >= report["threshold"] else "absent" for p in probabilities]
    assert [each.label for each in found] == labels
    assert report["loss"] == pytest.approx(log_loss(classes, probabilities), rel=1e-4)


def test_temperature_makes_the_validation_loss_smallest(train, make_config):
    settings = (*NOISY, "training.calibration=temperature")
    outcome, config = train(*settings), make_config(*settings)
    model = load(outcome.folder.path)
    split = prepare(config).splits["validation"]
    logits = model.logits(split.texts).astype(np.float64)[:, 0]

    def loss(temperature):
        return log_loss(split.classes, 1 / (1 + np.exp(-logits / temperature)))

    found = model.file.temperature
    assert found != 1
    assert all(loss(found) < loss(found * factor) for factor in (0.9, 1.1))


def test_a_number_is_kept_as_it_is(train):
    outcome = train(*NOISY, "training.threshold=0.9")
    assert ModelFile.load(outcome.folder.model_path).threshold == 0.9
    assert json.loads(outcome.folder.report_path.read_text())["threshold"] == 0.9


def test_a_number_decides_already_in_an_interrupted_run(train, only_run, signal_at):
    settings = ("training.threshold=0.9", "training.evaluate_every_steps=1")
    assert train(*settings, audience=signal_at(4)).scores is None
    assert ModelFile.load(only_run().model_path).threshold == 0.9


def test_threshold_with_a_logit_for_each_class_is_refused(make_config):
    settings = ("training.threshold=best_f1", "model.loss=cross_entropy")
    with pytest.raises(ConfigError, match=r"training\.threshold: 'best_f1' needs a single logit"):
        prepare(make_config(*settings))


def test_several_classes_are_calibrated_too(train):
    settings = ("model.loss=cross_entropy", "training.calibration=temperature")
    outcome = train(*NOISY, *settings)
    assert ModelFile.load(outcome.folder.model_path).temperature != 1


def test_other_lengths_are_in_the_report_beside_those_of_training(train):
    outcome = train(*NOISY, "data.evaluate_lengths=[20, [30, 33]]")
    rows = json.loads(outcome.folder.report_path.read_text())["by_length"]
    inside = [row for row in rows if row["in_training"]]
    assert [row["shortest"] for row in rows if not row["in_training"]] == [20, 30, 31, 32, 33]
    right = sum(row["accuracy"] * row["examples"] for row in inside)
    assert right / sum(row["examples"] for row in inside) == pytest.approx(outcome.scores.accuracy)
    evaluation = evaluate_split(str(outcome.folder.path), outcome.folder.path.parent, "test")
    assert [row.to_json() for row in evaluation.by_length] == rows
