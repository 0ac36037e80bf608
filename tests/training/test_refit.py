"""The second training, on validation strings too: what it trains, and that nothing disturbs it."""

import contextlib
import csv
import json
import math

import numpy as np
import pytest

from nlptrain.comparison.trials.stack import group_trials
from nlptrain.comparison.trials.trial import Trial, run_trials
from nlptrain.config.load import load_config
from nlptrain.errors import ConfigError, RunFolderError, TrainingError
from nlptrain.evaluation.linear_baseline import predict_by_linear_model
from nlptrain.files.model_file import ModelFile
from nlptrain.inference.evaluation import evaluate_split
from nlptrain.inference.model import load
from nlptrain.reporting.audience import Audience
from nlptrain.training.assembly import assemble
from nlptrain.training.checkpoint import Checkpoint
from nlptrain.training.journal import Journal
from nlptrain.training.nonfinite import replay
from nlptrain.training.plan import build_plan, build_refit_plan
from nlptrain.training.preparation import prepare
from nlptrain.training.refit import begin_refit
from nlptrain.training.resume import resume
from nlptrain.training.run import start

FILES = ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl", "report.json")
SMALL = (
    "device=cpu",
    "data.sizes={train: 40, validation: 20, test: 12}",
    "data.task={type: contains_any, lengths: [1, 8]}",
    "model.embedding.dim=4",
    "model.encoder.hidden_size=5",
    "training.batch_size=8",
    "training.checkpoint_every_seconds=null",
    "logging.tensorboard=false",
    "logging.every_steps=2",
)
REFIT = (
    "training.refit=true",
    "training.epochs=3",
    "training.evaluate_every_steps=4",
    "training.checkpoint_every_steps=3",
    "training.threshold=best_f1",
    "training.calibration=temperature",
    "training.schedule.type=cosine",
    "model.dropout=0.3",
)


def read_lines(folder, phase):
    lines = map(json.loads, folder.metrics_path.read_text().splitlines())
    return [line for line in lines if line.get("phase") == phase]


class CutAt:
    def __init__(self, number):
        self.left = number

    def report(self, record):
        self.left -= 1
        if self.left == 0:
            raise OSError("the power went")

    def close(self):
        pass


def cut(phase, number):
    """Cut the power at a record of one phase."""
    return Audience(
        watch_training=lambda steps, epochs, name: CutAt(number if name == phase else 0)
    )


@pytest.fixture(scope="module")
def whole(engine, tmp_path_factory):
    """Train once without a disturbance."""
    overrides = (*REFIT, f"engine={engine}")
    config = load_config("rnn", (*SMALL, *overrides)).config
    return config, start(config, runs_dir=tmp_path_factory.mktemp("runs"), command="")


def break_and_resume(config, tmp_path, audience=None):
    with contextlib.suppress(OSError):
        start(config, runs_dir=tmp_path, command="", audience=audience)
    return next(tmp_path.iterdir())


def assert_same_files(folder, expected):
    for name in FILES:
        assert (folder.path / name).read_bytes() == (expected.path / name).read_bytes(), name


@pytest.mark.parametrize(
    ("phase", "number"), [("", 2), ("", 9), ("refit", 1), ("refit", 5), ("refit", 9)]
)
def test_run_cut_off_in_either_phase_ends_with_the_same_bytes(
    whole, tmp_path, only_run_in, phase, number
):
    config, outcome = whole
    break_and_resume(config, tmp_path, cut(phase, number))
    folder = only_run_in(tmp_path)
    assert folder.read_record().status == "failed"
    assert (read_lines(folder, "refit") != []) is (phase == "refit" and number > 1)
    resume(folder)
    assert_same_files(folder, outcome.folder)


@pytest.mark.parametrize("method", ["begin_refit", "save_decision_rule", "write_report"])
def test_run_cut_off_between_its_phases_ends_with_the_same_bytes(
    whole, tmp_path, only_run_in, monkeypatch, method
):
    def fail(*_):
        raise OSError("the power went")

    config, outcome = whole
    with monkeypatch.context() as patch:
        patch.setattr(Journal, method, fail)
        break_and_resume(config, tmp_path)
    folder = only_run_in(tmp_path)
    # The model on disk is whole at each moment: the first one until the second is complete.
    assert ModelFile.load(folder.model_path).refitted is (method == "write_report")
    resume(folder)
    assert_same_files(folder, outcome.folder)


def test_first_training_is_that_of_a_run_without_refit(whole, tmp_path):
    config, outcome = whole
    training = config.training.model_copy(update={"refit": False})
    plain = start(
        config.model_copy(update={"training": training}), runs_dir=tmp_path, command=""
    ).folder
    assert read_lines(plain, None) == read_lines(outcome.folder, None)
    first, refitted = (ModelFile.load(each.model_path) for each in (plain, outcome.folder))
    assert (refitted.threshold, refitted.temperature) == (first.threshold, first.temperature)
    assert first.temperature != 1
    assert refitted.text == first.text
    assert not first.refitted
    assert refitted.refitted


@pytest.fixture
def files(tmp_path):
    """Write separate files, and one whose training strings are training and validation joined."""
    generator = np.random.default_rng(0)
    texts = {"".join(generator.choice(list("abcd"), 1 + size % 7)) for size in range(400)}
    rows = [(text, str("a" in text)) for text in sorted(texts)]
    generator.shuffle(rows)
    rows = [tuple(row) for row in rows]
    parts = {"train": rows[:70], "validation": rows[70:95], "test": rows[95:130]}
    parts |= {"joined": rows[:95], "other": rows[130:150]}
    for name, part in parts.items():
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *part])
    return tmp_path


def train_on(files, train, validation, *overrides):
    names = {"path": train, "validation_path": validation, "test_path": "test"}
    paths = ", ".join(f"{key}: '{files / name}.csv'" for key, name in names.items())
    settings = (
        "device=cpu",
        f"data={{file: {{{paths}}}}}",
        "model.encoder.hidden_size=5",
        "training.batch_size=8",
        "training.class_weights=balanced",
        "logging.tensorboard=false",
        *overrides,
    )
    config = load_config("rnn", settings).config
    return start(config, runs_dir=files / "runs", command="")


@pytest.mark.parametrize("schedule", ["constant", "step"])
def test_refit_is_a_plain_training_on_a_file_of_both(files, engine, schedule):
    settings = (
        f"engine={engine}",
        "model.dropout=0.2",
        f"training.schedule={{type: {schedule}}}",
        "optimizer.learning_rate=0.03",
    )
    first = train_on(files, "train", "validation", *settings, "training.epochs=6")
    epochs, rest = divmod(first.best_step, 9)
    assert rest == 0
    assert epochs < 6
    refitted = train_on(
        files, "train", "validation", *settings, "training.epochs=6", "training.refit=true"
    )
    plain = train_on(files, "joined", "other", *settings, f"training.epochs={epochs}")
    assert plain.steps == refitted.refit.steps == 12 * epochs
    model, state, expected = (
        ModelFile.load(refitted.folder.model_path).arrays,
        *(Checkpoint.load(each.folder.checkpoint_path).state for each in (refitted, plain)),
    )
    assert state.keys() == expected.keys()
    for name, array in expected.items():
        # The plain training has been evaluated, which fills in the embedding of [unk].
        found = model if name in model else state
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_schedule_and_length_count_in_epochs_of_the_joined_strings():
    # 40 strings are 5 batches of 8, 60 are 8: 7 of 15 steps become 12 of 24, as 11.2 rounds up.
    config = load_config("rnn", (*SMALL, *REFIT)).config
    plan = build_refit_plan(config, prepare(config), 7)
    assert (plan.total_steps, plan.steps_per_epoch, plan.patience) == (12, 8, None)
    for step in (0, 5, 11):
        expected = 0.001 * (1 + math.cos(math.pi * step / 24)) / 2
        assert plan.learning_rate(step) == pytest.approx(expected, rel=1e-12)


def test_steps_of_the_config_are_stretched_like_epochs():
    # 10 of 5 to an epoch become 16 of 8 to an epoch.
    config = load_config("rnn", (*SMALL, *REFIT, "training.steps=10")).config
    preparation = prepare(config)
    assert build_plan(config, preparation).total_steps == 10
    plan = build_refit_plan(config, preparation, 10)
    assert plan.total_steps == 16
    expected = 0.001 * (1 + math.cos(math.pi * 15 / 16)) / 2
    assert plan.learning_rate(15) == pytest.approx(expected, rel=1e-12)


def test_second_training_has_the_initial_values_of_the_first_and_all_strings():
    config = load_config("rnn", (*SMALL, *REFIT)).config
    training = assemble(config)
    initial = training.learner.arrays()
    for _ in training.records():
        pass
    refit = begin_refit(training)
    for name, array in refit.learner.arrays().items():
        np.testing.assert_array_equal(array, initial[name])
    dataset = training.preparation.dataset
    both = [*dataset.train.texts, *dataset.validation.texts]
    assert refit.preparation.train_examples(0).texts == both
    assert len(refit.preparation.train_split(1).classes) == 60
    assert refit.preparation.architecture == training.preparation.architecture


def test_report_says_which_model_was_scored_on_what(whole):
    config, outcome = whole
    report = json.loads(outcome.folder.report_path.read_text())
    best = next(
        line
        for line in read_lines(outcome.folder, None)
        if line["kind"] == "evaluation" and line["step"] == outcome.best_step
    )
    assert report["scored_model"] == "refitted"
    assert report["best_step"] == best["step"]
    assert report["first_model"]["validation_accuracy"] == best["validation_accuracy"]
    assert report["first_model"]["validation_loss"] == pytest.approx(best["validation_loss"])
    assert report["refit"]["strings"] == 60
    assert report["refit"]["steps"] == read_lines(outcome.folder, "refit")[-1]["step"]
    model = evaluate_split(str(outcome.folder.path), outcome.folder.path.parent, "test")
    assert model.accuracy == report["accuracy"] == outcome.folder.read_record().score
    assert model.scores.loss == pytest.approx(report["loss"], rel=1e-5)
    assert config.training.refit


def test_evaluation_says_where_the_refitted_model_has_seen_the_strings(whole):
    folder = whole[1].folder.path
    seen = {
        split: evaluate_split(str(folder), folder.parent, split).examples
        for split in ("validation", "test")
    }
    assert seen["validation"] == "validation split, which the refitted model was trained on"
    assert seen["test"] == "test split"


def test_refit_records_no_evaluation(whole):
    lines = read_lines(whole[1].folder, "refit")
    assert {line["kind"] for line in lines} == {"step", "training"}
    assert [line["step"] for line in lines if line["kind"] == "step"] == list(
        range(2, whole[1].refit.steps + 1, 2)
    )


def test_refit_that_has_begun_keeps_its_first_training(whole):
    with pytest.raises(RunFolderError, match=r"training\.epochs"):
        resume(whole[1].folder, overrides=["training.epochs=9"])


def test_first_training_that_is_cut_off_may_still_grow(tmp_path, only_run_in):
    longer, shorter = (
        load_config("rnn", (*SMALL, *REFIT[:1], f"training.epochs={epochs}")).config
        for epochs in (3, 2)
    )
    expected = start(longer, runs_dir=tmp_path / "whole", command="").folder
    (tmp_path / "cut").mkdir()
    break_and_resume(shorter, tmp_path / "cut", cut("", 5))
    folder = only_run_in(tmp_path / "cut")
    resume(folder, overrides=["training.epochs=3"])
    for name in ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl"):
        assert (folder.path / name).read_bytes() == (expected.path / name).read_bytes(), name


def test_final_trial_of_a_comparison_tests_the_refitted_network(whole):
    config, outcome = whole
    record = run_trials([Trial("one", "final", config, config.seed)])[0]
    model = load(outcome.folder.path)
    test = prepare(config).dataset.test
    logits = model.logits(model.file.text.encode(test.texts))[:, 0]
    # A comparison decides at 0.5, without a temperature.
    assert record.test_accuracy == ((logits >= 0) == test.classes).mean()
    losses = np.logaddexp(0, np.where(test.classes == 1, -logits, logits))
    assert record.test_loss == pytest.approx(losses.mean(), rel=1e-5)


def test_trials_side_by_side_are_refitted_as_alone():
    trials = [
        Trial("one", "final", load_config("rnn", (*SMALL, *REFIT, each)).config, 0)
        for each in ("optimizer.learning_rate=0.1", "optimizer.learning_rate=0.001")
    ]
    assert {len(group) for group in group_trials(trials)} == {2}
    together, alone = run_trials(trials), [run_trials([trial])[0] for trial in trials]
    assert together[0].best != together[1].best
    for one, other in zip(together, alone, strict=True):
        assert (one.test_accuracy, one.test_loss) == (other.test_accuracy, other.test_loss)


def test_refit_that_diverges_says_so_keeps_the_first_model_and_is_replayed(
    tmp_path, only_run_in, monkeypatch
):
    config = load_config("rnn", (*SMALL, *REFIT)).config

    def begin_broken(training):
        refit = begin_refit(training)
        arrays = refit.learner.arrays()
        refit.learner.load_arrays(arrays | {"head.0.bias": arrays["head.0.bias"] * np.inf})
        return refit

    monkeypatch.setattr("nlptrain.training.carry_out.begin_refit", begin_broken)
    with pytest.raises(TrainingError, match="refit"), np.errstate(invalid="ignore"):
        start(config, runs_dir=tmp_path, command="")
    folder = only_run_in(tmp_path)
    assert not ModelFile.load(folder.model_path).refitted
    assert json.loads(folder.nonfinite_path.read_text())["phase"] == "refit"
    assert replay(folder)[0].step == 1


def test_fresh_strings_are_refused():
    with pytest.raises(ConfigError, match=r"training\.refit"):
        load_config("rnn", ("training.refit=true", "data.fresh=true"))


def test_the_linear_model_beside_it_chose_on_strings_that_it_had_not_learnt(tmp_path):
    # Labels that no string tells: only one that was learnt by heart is right more often than not.
    generator = np.random.default_rng(0)
    letters = generator.choice(list("abcdefgh"), (300, 12))
    rows = [f"{''.join(row)},{generator.integers(2)}" for row in letters]
    (tmp_path / "mine.csv").write_text("\n".join(["text,label", *rows]))
    settings = [f"data.file={{path: {tmp_path / 'mine.csv'}}}", "model.encoder.type=pooling"]
    config = load_config("own_file", [*settings, "training.steps=2", "training.refit=true"]).config
    outcome = start(config, runs_dir=tmp_path, command="")
    linear, dataset = outcome.evaluation.baseline.model, prepare(config).dataset
    splits = dataset.train, dataset.validation, dataset.test
    alone = predict_by_linear_model(*splits, 2, seed=config.seed)
    assert linear.trained_on == outcome.refit.strings
    assert linear.setting == alone.setting
    assert linear.validation_accuracy == alone.validation_accuracy < 0.8
