"""Whole trainings: what they leave in their folder, however they end."""

import json
import signal

import numpy as np
import pytest

from every_kind import OPTIMIZER_TYPES
from nlptrain.config.load import load_config
from nlptrain.config.training import LoggingSection
from nlptrain.datasets.build import build_dataset
from nlptrain.errors import ConfigError, DataError, RunFolderError, TrainingError
from nlptrain.evaluation.metrics import score
from nlptrain.files.array_file import load_arrays
from nlptrain.files.model_file import ModelFile
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.runs.folder import RunFolder
from nlptrain.training.checkpoint import Checkpoint
from nlptrain.training.resume import resume

SWITCHES = [name for name, value in LoggingSection() if isinstance(value, bool)]
REPORTERS = [name for name in SWITCHES if name != "histograms"]  # which are TensorBoard's


def read_metrics(folder):
    return [json.loads(line) for line in folder.metrics_path.read_text().splitlines()]


def test_seed_decides_the_training(train):
    first, second = (train(f"seed={seed}").folder for seed in (1, 2))
    assert first.model_path.read_bytes() != second.model_path.read_bytes()


@pytest.mark.parametrize("switch", REPORTERS)
def test_every_reporter_that_is_switched_on_leaves_a_file(train, switch):
    on, off = (
        {path.name for path in train(f"logging.{switch}={value}").folder.path.iterdir()}
        for value in ("true", "false")
    )
    assert on > off


def test_interruption_finishes_the_step_and_saves_it(train, signal_at):
    outcome = train(audience=signal_at(3))
    _, metadata = load_arrays(outcome.folder.checkpoint_path)
    assert metadata["progress"]["step"] == 3


def test_second_interruption_stops_at_once(train, only_run, act_at):
    def insist():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    outcome = train(audience=act_at(3, insist))
    assert (outcome.interrupted_by, outcome.scores) == (signal.SIGINT, None)
    assert only_run().read_record().status == "interrupted"
    assert not only_run().checkpoint_path.exists()


def test_interruption_while_finishing_stops_at_once(train, only_run, monkeypatch):
    monkeypatch.setattr(
        "nlptrain.training.carry_out.evaluate_on_test",
        lambda *_: signal.raise_signal(signal.SIGINT),
    )
    outcome = train()
    assert (outcome.interrupted_by, outcome.scores) == (signal.SIGINT, None)
    assert only_run().read_record().status == "interrupted"
    assert Checkpoint.load(only_run().checkpoint_path).progress.step == 10


def test_interruption_of_the_last_record_comes_too_late(train, monkeypatch):
    write = RunFolder.write_record

    def interrupted_write(folder, record):
        if record.status == "finished":
            signal.raise_signal(signal.SIGTERM)
        write(folder, record)

    monkeypatch.setattr(RunFolder, "write_record", interrupted_write)
    outcome = train()
    assert outcome.interrupted_by is None
    assert outcome.folder.read_record().status == "finished"


def test_running_run_cannot_be_resumed(train, only_run, act_at):
    refusals = []

    def resume_meanwhile():
        with pytest.raises(RunFolderError, match="another process") as caught:
            resume(only_run())
        refusals.append(str(caught.value))

    folder = train(audience=act_at(3, resume_meanwhile)).folder
    assert len(refusals) == 1
    assert folder.read_record().status == "finished"


def test_folder_is_free_after_a_failure(train, only_run, power_cut_at):
    with pytest.raises(OSError, match="the power went"):
        train(audience=power_cut_at(1))
    with only_run().lock():
        assert only_run().read_record().error == "the power went"


def test_metrics_hold_every_nth_step_and_every_evaluation(train):
    lines = read_metrics(train("logging.every_steps=4").folder)
    steps = [(line["kind"], line["step"]) for line in lines]
    assert steps == [("step", 4), ("evaluation", 5), ("step", 8), ("evaluation", 10)]


def test_model_is_that_of_the_best_step_not_the_last(train):
    overrides = ("training.evaluate_every_steps=1", "optimizer.learning_rate=0.1")
    outcome = train(*overrides, "training.steps=20")
    assert 1 < outcome.best_step < 20
    shorter = train(*overrides, f"training.steps={outcome.best_step}")
    assert shorter.best_step == outcome.best_step
    assert shorter.folder.model_path.read_bytes() == outcome.folder.model_path.read_bytes()


def score_by_hand(folder):
    """Score the model file on the test split with the NumPy network."""
    config = load_config(folder.config_path).config
    test = build_dataset(config.data, config.text, seed=config.seed).test
    file = ModelFile.load(folder.model_path)
    encoded = file.text.encode_normalized(test.texts)
    network = Classifier(file.architecture, file.arrays)
    logits = network.logits(*encoded.batch(np.arange(len(test))))
    return score(logits, test.classes, file.loss, file.threshold)


def test_report_has_the_scores_that_predicting_by_hand_has(train):
    overrides = ("training.evaluate_every_steps=1", "optimizer.learning_rate=0.1")
    outcome = train("model.normalization=batch", "training.steps=20", *overrides)
    assert outcome.best_step < 20
    report = json.loads(outcome.folder.report_path.read_text())
    scores = score_by_hand(outcome.folder)
    assert report["accuracy"] == scores.accuracy == outcome.scores.accuracy
    assert report["loss"] == pytest.approx(scores.loss, rel=1e-5)
    assert report["best_step"] == outcome.best_step
    assert outcome.folder.read_record().score == scores.accuracy


def test_speed_counts_the_strings_that_were_read(train):
    # Three batches an epoch, the last one of 8 strings.
    outcome = train("training.batch_size=16")
    assert outcome.strings_per_second * outcome.seconds == pytest.approx(80)


def test_unknown_in_the_model_file_is_the_mean_of_the_characters(train):
    arrays, _ = load_arrays(train("text.min_count=1").folder.model_path)
    table = arrays["embedding.weight"]
    np.testing.assert_allclose(table[-1], table[1:-1].mean(axis=0), rtol=0, atol=1e-7)


def test_frozen_vectors_end_as_they_began(train, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("a 1 2 3 4\nb 5 6 7 8\n")
    overrides = (f"model.embedding.vectors={path}", "model.embedding.frozen=true")
    arrays, _ = load_arrays(train(*overrides).folder.model_path)
    np.testing.assert_array_equal(arrays["embedding.weight"][1:3], [[1, 2, 3, 4], [5, 6, 7, 8]])


def test_diverged_training_fails_with_advice_and_keeps_its_folder(train, only_run):
    overrides = (
        "optimizer.type=sgd",
        "optimizer.learning_rate=1e30",
        "model.encoder.cell=rnn_relu",
    )
    with pytest.raises(TrainingError, match=r"smaller optimizer\.learning_rate") as caught:
        train(*overrides)
    folder = only_run()
    assert str(caught.value).startswith(f"{folder.path}: ")
    record = folder.read_record()
    assert record.status == "failed"
    assert "diverged" in record.error


@pytest.mark.crossed
# Rprop bounds the size of its steps, so it takes more than a large learning rate.
@pytest.mark.parametrize(
    "optimizer", [each for each in OPTIMIZER_TYPES if not each.startswith("rprop")]
)
def test_diverging_with_any_optimizer_ends_without_a_warning(train, optimizer):
    overrides = (f"optimizer={{type: {optimizer}, learning_rate: 1e30}}",)
    with pytest.raises(TrainingError, match="diverged"):
        train(*overrides, "model.encoder.cell=rnn_relu", "training.epochs=4")


def test_refused_config_leaves_nothing_behind(train, tmp_path):
    with pytest.raises(DataError, match="distinct strings"):
        train("data.task.lengths=[1, 2]", "data.sizes.train=100000")
    with pytest.raises(ConfigError, match="needs two classes"):
        train("data.task.type=position_first", "data.task.character=a")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("name", ["MetricsFile", "TensorBoardLog"])
def test_file_that_cannot_be_opened_fails_the_run(train, only_run, monkeypatch, name):
    def refuse(*args, **kwargs):
        raise RunFolderError("no room")

    monkeypatch.setattr(f"nlptrain.training.journal.{name}", refuse)
    with pytest.raises(RunFolderError, match="no room"):
        train(tensorboard=True)
    assert only_run().read_record().status == "failed"
