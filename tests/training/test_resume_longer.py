"""A run that is trained longer ends as one that had its length from the start: byte for byte."""

import json

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from nlptrain.config.load import load_config
from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import load_arrays
from nlptrain.files.storage import read_json
from nlptrain.reporting.audience import Audience
from nlptrain.runs.folder import RunFolder
from nlptrain.training.resume import NothingToResumeError, resume
from nlptrain.training.run import start

FILES = (
    "config.yaml",
    "model.safetensors",
    "checkpoint.safetensors",
    "metrics.jsonl",
    "report.json",
)
# Five steps an epoch; first the shorter length, then the longer one.
SETUPS = {
    "rnn, sgd, dropout": (
        ("training.epochs=1",),
        ("training.epochs=3",),
        ("rnn", "optimizer.type=sgd", "optimizer.momentum=0.9", "model.dropout=0.3"),
    ),
    "lstm, stopped by patience": (
        ("training.epochs=3", "training.patience=1"),
        ("training.epochs=5", "training.patience=4"),
        (
            "lstm",
            "optimizer.amsgrad=true",
            "optimizer.learning_rate=0.1",
            "model.normalization=batch",
            "training.best_by=loss",
        ),
    ),
    "cnn, threshold and temperature": (
        ("training.epochs=2",),
        ("training.epochs=4",),
        (
            "cnn",
            "optimizer.type=adam_by_hand",
            "optimizer.learning_rate=0.05",
            "training.schedule={type: step, every_epochs: 1, factor: 0.7}",
            "training.threshold=best_f1",
            "training.calibration=temperature",
        ),
    ),
    "pooling, steps": (
        ("training.steps=4",),
        ("training.steps=11",),
        (
            "pooling",
            "optimizer.type=rmsprop",
            "optimizer.centered=true",
            "training.schedule.type=warmup",
            "training.evaluate_every_steps=2",
        ),
    ),
    "fresh strings": (
        ("training.epochs=2",),
        ("training.epochs=4",),
        (
            "rnn",
            "optimizer.type=adagrad",
            "data.fresh=true",
            "data.task={type: same_ends, negatives: bag}",
        ),
    ),
    "n-grams by sgd": (
        ("training.epochs=1",),
        ("training.epochs=3",),
        ("rnn", "model.ngrams={min_count: 1, dim: 3, optimizer: sgd, learning_rate: 5}"),
    ),
    "n-grams by adagrad": (
        ("training.epochs=1",),
        ("training.epochs=3",),
        ("rnn", "model.ngrams={min_count: 1, dim: 3, optimizer: adagrad, learning_rate: 0.1}"),
    ),
    "a fall that has not begun": (
        ("training.epochs=1",),
        ("training.epochs=2",),
        ("rnn", "training.schedule={type: cosine, warmup_steps: 5}"),
    ),
}


@pytest.fixture(params=SETUPS)
def lengths(request, train, make_config, tmp_path_factory):
    """Train a short run, and the same with more from the start: the run, the wish, the files."""
    short, long, (encoder, *others) = SETUPS[request.param]
    run = train(*others, *short, encoder=encoder).folder
    config = make_config("logging.tensorboard=false", *others, *short, *long, encoder=encoder)
    whole = start(config, runs_dir=tmp_path_factory.mktemp("runs"), command="").folder
    return run, long, read_files(whole)


def read_files(folder):
    return {name: (folder.path / name).read_bytes() for name in FILES}


def test_run_trained_longer_ends_as_one_that_was_meant_to(lengths):
    run, longer, expected = lengths
    assert read_files(run) != expected
    resume(run, overrides=longer)
    assert read_files(run) == expected
    assert run.read_record().status == "finished"


def test_setup_with_patience_is_stopped_by_it(train):
    short, _, (encoder, *others) = SETUPS["lstm, stopped by patience"]
    run = train(*others, *short, encoder=encoder).folder
    assert read_json(run.report_path)["steps"] == 10 < 15


@pytest.fixture(scope="module")
def whole(make_config, tmp_path_factory):
    """Train four epochs in one go: its files' bytes."""
    config = make_config("logging.tensorboard=false", "training.epochs=4")
    return read_files(start(config, runs_dir=tmp_path_factory.mktemp("whole"), command="").folder)


def test_edited_config_trains_longer_too(train, whole):
    run = train("training.epochs=1").folder
    run.config_path.write_bytes(whole["config.yaml"])
    resume(run)
    assert read_files(run) == whole
    (extension,) = run.read_record().extensions
    assert extension["changes"] == {"training.epochs": {"from": 1, "to": 4}}


def test_run_trained_longer_twice(train, whole):
    run = train("training.epochs=1").folder
    resume(run, overrides=["training.epochs=2"])
    resume(run, overrides=["training.epochs=4"])
    assert read_files(run) == whole
    assert [each["after_step"] for each in run.read_record().extensions] == [5, 10]


@pytest.mark.parametrize("epochs", [3, 9])
def test_interrupted_run_may_become_longer_or_shorter(train, whole, signal_at, epochs):
    run = train(f"training.epochs={epochs}", audience=signal_at(8)).folder
    assert resume(run, overrides=["training.epochs=4"]).scores is not None
    assert read_files(run) == whole


def test_longer_training_may_be_interrupted(train, whole, signal_at):
    run = train("training.epochs=1").folder
    resume(run, overrides=["training.epochs=4"], audience=signal_at(7))
    record = run.read_record()
    assert (record.status, record.score) == ("interrupted", None)
    assert not run.report_path.exists()
    resume(run)
    assert read_files(run) == whole


def test_run_killed_before_its_first_checkpoint_may_have_any_length(train, only_run, power_cut_at):
    with pytest.raises(OSError, match="the power went"):
        train("training.schedule.type=linear", "training.epochs=4", audience=power_cut_at(3))
    resume(only_run(), overrides=["training.epochs=1"])
    _, metadata = load_arrays(only_run().checkpoint_path)
    assert metadata["progress"]["step"] == 5


def test_figures_of_the_shorter_run_go(train):
    run = train().folder
    run.lengths_figure_path.write_bytes(b"old")
    run.reliability_figure_path.write_bytes(b"old")
    resume(run, overrides=["training.epochs=3"])
    assert not run.lengths_figure_path.exists()
    assert not run.reliability_figure_path.exists()


def test_record_says_what_was_changed_when_by_whom(train):
    run = train().folder
    before = run.read_record()
    resume(run, overrides=["training.epochs=3", "logging.every_steps=1"], command="the command")
    record = run.read_record()
    (extension,) = record.extensions
    assert before.ended < extension.pop("when") < record.ended
    assert extension == {
        "command": "the command",
        "after_step": 10,
        "score": before.score,
        "changes": {
            "training.epochs": {"from": 2, "to": 3},
            "logging.every_steps": {"from": 2, "to": 1},
        },
    }
    assert record.config == load_config(run.config_path).config.model_dump(mode="json")
    assert (record.started, record.command) == (before.started, before.command)
    assert record.seconds > before.seconds


def test_resumed_run_without_changes_is_not_extended(train, signal_at):
    run = train(audience=signal_at(3)).folder
    text = run.config_path.read_text()
    run.config_path.write_text(f"# mine\n{text}")
    resume(run)
    assert run.read_record().extensions == []
    assert run.config_path.read_text().startswith("# mine\n")


def test_listener_hears_what_changes(train):
    run, said = train().folder, []
    resume(run, overrides=["training.epochs=3"], audience=Audience(tell=said.append))
    assert said == [f"{run.path}: resuming after step 10", "training.epochs: 2 → 3"]


def test_evaluation_that_only_the_shorter_run_has_is_named(train):
    run, said = train("training.evaluate_every_steps=4").folder, []
    resume(run, overrides=["training.epochs=3"], audience=Audience(tell=said.append))
    assert said[-1].startswith(
        "the evaluation after step 10, which ended the run, is kept; a run of"
    )


def test_other_versions_are_named(train, signal_at):
    run, said = train(audience=signal_at(3)).folder, []
    record = read_json(run.record_path)
    record["versions"] |= {"numpy": "1.0"}
    run.record_path.write_text(json.dumps(record))
    resume(run, audience=Audience(tell=said.append))
    assert said[1].startswith("numpy was 1.0 so far and is ")
    assert said[1].endswith("the last digits may differ")


def test_curves_go_on_without_a_step_twice(train):
    run = train(tensorboard=True).folder
    resume(run, overrides=["training.epochs=4"])
    whole = train("name=whole", "training.epochs=4", tensorboard=True).folder
    found, expected = (EventAccumulator(str(each.path)).Reload() for each in (run, whole))
    for tag in ("loss/train", "loss/validation", "accuracy/validation"):
        steps = [[each.step for each in events.Scalars(tag)] for events in (found, expected)]
        assert steps[0] == steps[1] != []


NOTHING = {
    "as it is": ((), (), "training.epochs=4"),
    "same epochs": ((), ("training.epochs=2",), "training.epochs=4"),
    "only the logging": ((), ("logging.every_steps=7",), "training.epochs=4"),
    "epochs where steps count": (
        ("training.steps=7",),
        ("training.epochs=9",),
        "training.steps=14",
    ),
    "more patience alone": (
        ("training.patience=3",),
        ("training.patience=5",),
        "training.epochs=4",
    ),
    "epochs alone, out of patience": (
        ("training.epochs=9", "training.patience=1", "optimizer.learning_rate=1e-9"),
        ("training.epochs=20",),
        "training.patience=2",
    ),
    "both used up": (
        ("training.patience=1", "optimizer.learning_rate=1e-9"),
        (),
        "training.epochs=4 --set training.patience=2",
    ),
}


@pytest.mark.parametrize("case", NOTHING)
def test_finished_run_with_nothing_to_train_says_what_would_train_it(train, case):
    settings, wanted, advice = NOTHING[case]
    run = train(*settings).folder
    before = {path: path.read_bytes() for path in run.path.iterdir()}
    with pytest.raises(NothingToResumeError, match="finished; nothing to resume") as caught:
        resume(run, overrides=wanted)
    assert {path: path.read_bytes() for path in run.path.iterdir()} == before
    command = str(caught.value).partition("to train it longer: ")[2]
    assert command == f"nlptrain resume {run.path} --set {advice}"
    longer = [word for word in command.split() if "=" in word]
    assert resume(run, overrides=longer).scores is not None


def test_run_whose_metrics_are_gone_stays_as_it_is(train):
    run = train().folder
    run.metrics_path.unlink()
    before = {path: path.read_bytes() for path in run.path.iterdir()}
    with pytest.raises(RunFolderError, match=r"metrics\.jsonl: missing, but the checkpoint"):
        resume(run, overrides=["training.epochs=3"])
    assert {path: path.read_bytes() for path in run.path.iterdir()} == before


def test_run_whose_schedule_has_ended_gets_no_advice(train):
    run = train("training.schedule.type=cosine").folder
    with pytest.raises(NothingToResumeError) as caught:
        resume(run)
    assert str(caught.value) == f"{run.path}: finished; nothing to resume"


def test_finished_run_without_its_checkpoint_cannot_be_trained_longer(train):
    run = train().folder
    run.checkpoint_path.unlink()
    with pytest.raises(RunFolderError, match="no checkpoint to resume from; train again: nlptrain"):
        resume(run, overrides=["training.epochs=3"])
    with pytest.raises(NothingToResumeError):
        resume(run)
    assert RunFolder(run.path).read_record().status == "finished"
