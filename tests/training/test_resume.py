"""An interrupted training, gone on with, ends as an unbroken one does: byte for byte."""

import contextlib
import json
import signal

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import load_arrays, save_arrays
from nlptrain.reporting.audience import Audience
from nlptrain.runs.folder import RunFolder
from nlptrain.training.resume import resume
from nlptrain.training.run import start

FILES = ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl")
SETUPS = {
    "rnn, sgd": (
        "rnn",
        "optimizer.type=sgd",
        "optimizer.momentum=0.9",
        "model.dropout=0.3",
        "training.schedule.type=cosine",
        "training.evaluate_every_steps=3",
    ),
    "lstm, adam": (
        "lstm",
        "optimizer.amsgrad=true",
        "optimizer.learning_rate=0.2",
        "training.epochs=6",
        "model.normalization=batch",
        "training.patience=2",
        "training.evaluate_every_steps=3",
        "training.class_weights=balanced",
    ),
    "cnn, adam by hand": (
        "cnn",
        "optimizer.type=adam_by_hand",
        "optimizer.weight_decay=0.1",
        "model.normalization=batch",
        "model.dropout=0.3",
        "model.readout=max",
        "training.checkpoint_every_steps=3",
        "training.max_grad_norm=0.1",
    ),
    "pooling, adam": (
        "pooling",
        "model.head.hidden_sizes=[4]",
        "training.schedule.type=step",
        "training.schedule.every_epochs=1",
        "training.checkpoint_every_steps=1",
        "training.steps=7",
    ),
    "lstm, three members": (
        "lstm",
        "training.members=3",
        "optimizer.type=nadam",
        "model.normalization=batch",
        "model.dropout=0.3",
        "training.threshold=best_f1",
        "training.calibration=temperature",
        "training.evaluate_every_steps=3",
        "training.checkpoint_every_steps=2",
    ),
    "rnn, fresh strings": (
        "rnn",
        "data.fresh=true",
        "data.task={type: same_ends, negatives: bag}",
        "training.epochs=4",
        "training.checkpoint_every_steps=2",
    ),
}


@pytest.fixture(scope="module")
def unbroken(make_config, tmp_path_factory):
    """Train each setup once without interruption: its files' bytes."""
    cache = {}

    def files(setup):
        if setup not in cache:
            encoder, *overrides = SETUPS[setup]
            config = make_config("logging.tensorboard=false", *overrides, encoder=encoder)
            folder = start(config, runs_dir=tmp_path_factory.mktemp("runs"), command="").folder
            cache[setup] = read_files(folder)
        return cache[setup]

    return files


def read_files(folder):
    return {name: (folder.path / name).read_bytes() for name in FILES}


def read_metrics(folder):
    return [json.loads(line) for line in folder.metrics_path.read_text().splitlines()]


@pytest.mark.parametrize("setup", SETUPS)
def test_equal_trainings_leave_equal_bytes(train, unbroken, setup):
    encoder, *overrides = SETUPS[setup]
    assert read_files(train(*overrides, encoder=encoder).folder) == unbroken(setup)


def test_setup_with_patience_ends_by_it(unbroken):
    last = json.loads(unbroken("lstm, adam")["metrics.jsonl"].splitlines()[-1])
    assert last["kind"] == "evaluation"
    assert not last["is_best"]
    assert last["step"] < 30


# Records 1 to 3 are steps; 4 is an evaluation with evaluate_every_steps=3, 6 one without.
@pytest.mark.crossed
@pytest.mark.parametrize("number", [1, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("setup", SETUPS)
def test_resumed_run_ends_as_an_unbroken_one(
    train, only_run, unbroken, setup, number, power_cut_at
):
    encoder, *overrides = SETUPS[setup]
    with pytest.raises(OSError, match="the power went"):
        train(*overrides, encoder=encoder, audience=power_cut_at(number))
    folder = only_run()
    assert folder.read_record().status == "failed"
    outcome = resume(folder)
    assert read_files(folder) == unbroken(setup)
    assert folder.read_record().status == "finished"
    assert outcome.scores is not None


@pytest.mark.crossed
@pytest.mark.parametrize("number", [1, 4, 5, 6])
@pytest.mark.parametrize("setup", SETUPS)
def test_interrupted_run_ends_as_an_unbroken_one(train, unbroken, setup, number, signal_at):
    encoder, *overrides = SETUPS[setup]
    outcome = train(*overrides, encoder=encoder, audience=signal_at(number))
    assert outcome.interrupted_by == signal.SIGINT
    assert outcome.scores is None
    assert outcome.folder.read_record().status == "interrupted"
    resume(outcome.folder)
    assert read_files(outcome.folder) == unbroken(setup)


def test_run_interrupted_again_and_again_ends_as_an_unbroken_one(train, unbroken, signal_at):
    setup = "cnn, adam by hand"
    encoder, *overrides = SETUPS[setup]
    outcome = train(*overrides, encoder=encoder, audience=signal_at(1))
    interruptions = 1
    while outcome.interrupted_by is not None:
        outcome = resume(outcome.folder, audience=signal_at(1))
        interruptions += 1
    # Each time one record: ten steps, two evaluations, and then none is left.
    assert interruptions == 13
    assert read_files(outcome.folder) == unbroken(setup)


def test_run_without_a_checkpoint_starts_over(train, only_run, power_cut_at):
    with pytest.raises(OSError, match="the power went"):
        train(audience=power_cut_at(3))
    said = []
    resume(only_run(), audience=Audience(tell=said.append))
    assert "no checkpoint yet; starting over" in said[0]


def test_run_with_a_checkpoint_says_where_it_goes_on(train, only_run, power_cut_at):
    with pytest.raises(OSError, match="the power went"):
        train("training.checkpoint_every_steps=2", audience=power_cut_at(5))
    said = []
    resume(only_run(), audience=Audience(tell=said.append))
    assert "resuming after step 4" in said[0]


@pytest.mark.crossed
@pytest.mark.parametrize("stop", ["power_cut_at", "signal_at"])
@pytest.mark.parametrize("number", [2, 5, 6, 12])
def test_no_curve_has_a_step_twice(train, number, stop, request):
    whole = train("name=whole", tensorboard=True).folder
    options = {"tensorboard": True, "audience": request.getfixturevalue(stop)(number)}
    with contextlib.suppress(OSError):
        train("training.checkpoint_every_steps=1", "name=broken", **options)
    broken = RunFolder(whole.path.with_name("broken-001"))
    resume(broken)
    found, expected = (EventAccumulator(str(each.path)).Reload() for each in (broken, whole))
    assert found.Tags()["scalars"] == expected.Tags()["scalars"] != []
    for tag in expected.Tags()["scalars"]:
        points = [
            [(each.step, each.value) for each in events.Scalars(tag)]
            for events in (found, expected)
        ]
        assert points[0] == points[1]
    assert [each.step for each in found.Tensors("config")] == [0]
    assert read_metrics(broken) == read_metrics(whole)


@pytest.fixture
def interrupted(train, signal_at):
    """Make a run to go on with."""
    return train(audience=signal_at(3)).folder


def test_damaged_checkpoint_is_refused_and_the_run_stays(interrupted):
    path = interrupted.checkpoint_path
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunFolderError, match="damaged"):
        resume(interrupted)
    assert interrupted.read_record().status == "interrupted"


def test_metrics_file_that_lost_lines_is_refused(interrupted):
    arrays, metadata = load_arrays(interrupted.checkpoint_path)
    save_arrays(interrupted.checkpoint_path, arrays, metadata | {"metrics_offset": 10**6})
    with pytest.raises(RunFolderError, match="requires 1000000"):
        resume(interrupted)
    assert interrupted.read_record().status == "interrupted"


def test_time_of_all_parts_adds_up(interrupted):
    before = interrupted.read_record()
    resume(interrupted)
    after = interrupted.read_record()
    assert after.seconds > before.seconds > 0
    assert after.started == before.started
    assert after.ended > before.ended
