import re

import pytest

from nlptrain.files.storage import read_json, write_json
from nlptrain.runs.folder import RunFolder


@pytest.fixture
def unfinish(runs):
    """Give the run another status."""

    def change(status):
        path = runs / "rnn-001" / "run.json"
        write_json(path, read_json(path) | {"status": status, "score": None})

    return change


def test_finished_run_says_so_and_how_to_train_it_longer(cli, runs):
    code, out, err = cli("resume", "rnn-001")
    sentence, _, command = err.rstrip().partition("; to train it longer: nlptrain ")
    assert (code, out, sentence) == (0, "", "runs/rnn-001: finished; nothing to resume")
    assert command == "resume runs/rnn-001 --set training.epochs=4"
    assert cli(*command.split()).code == 0


def test_finished_run_is_trained_longer(cli, runs):
    steps = read_json(runs / "rnn-001" / "report.json")["steps"]
    code, out, err = cli("resume", "rnn-001", "--set", "training.epochs=3", "--quiet")
    assert code == 0
    assert "test accuracy" in out
    assert err == f"runs/rnn-001: resuming after step {steps}\ntraining.epochs: 2 → 3\n"
    assert read_json(runs / "rnn-001" / "report.json")["steps"] == steps * 3 // 2
    (extension,) = read_json(runs / "rnn-001" / "run.json")["extensions"]
    assert extension["command"] == "nlptrain resume rnn-001 --set training.epochs=3 --quiet"


def test_run_that_lies_elsewhere_is_named_by_its_path(cli, runs, workplace):
    (runs / "rnn-001").rename(workplace / "my best")
    out = cli("resume", "my best", "--set", "training.epochs=3", "--quiet").out
    assert re.search(r"nlptrain predict [a-j]+ --run 'my best'", out)
    assert cli("predict", "abcd", "--run", "my best").code == 0


def test_other_run_is_refused_with_every_reason(cli, runs):
    settings = ("seed=1", "training.epochs=3", "model.dropout=0.5")
    options = [word for setting in settings for word in ("--set", setting)]
    code, out, err = cli("resume", "rnn-001", *options)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "runs/rnn-001: this would not be the same run:",
        "  seed: 0 in the run, 1 wanted",
        "  model.dropout: 0.0 in the run, 0.5 wanted",
        "undo these changes to resume, or train again: nlptrain train runs/rnn-001/config.yaml "
        + " ".join(options),
    ]


@pytest.mark.parametrize("status", ["running", "interrupted", "failed"])
def test_unfinished_run_is_finished(cli, runs, unfinish, status):
    before = (runs / "rnn-001" / "model.safetensors").read_bytes()
    unfinish(status)
    code, out, err = cli("resume", "rnn-001")
    assert code == 0
    assert "test accuracy" in out
    assert "runs/rnn-001: resuming after step " in err
    assert read_json(runs / "rnn-001" / "run.json")["status"] == "finished"
    assert (runs / "rnn-001" / "model.safetensors").read_bytes() == before


def test_run_without_a_checkpoint_starts_over_to_the_same_bytes(cli, runs, unfinish):
    folder = runs / "rnn-001"
    before = (folder / "model.safetensors").read_bytes()
    unfinish("running")
    for name in ("checkpoint.safetensors", "model.safetensors", "metrics.jsonl", "report.json"):
        (folder / name).unlink()
    code, _, err = cli("resume", "rnn-001")
    assert code == 0
    assert "starting over" in err
    assert (folder / "model.safetensors").read_bytes() == before


def test_config_name_stands_for_its_unfinished_run(cli, runs, unfinish):
    unfinish("interrupted")
    assert "runs/rnn-001: resuming" in cli("resume", "rnn").err


def test_run_that_is_being_trained_is_left_alone(cli, runs, unfinish):
    unfinish("running")
    with RunFolder(runs / "rnn-001").lock():
        code, out, err = cli("resume", "rnn-001")
    assert (code, out) == (1, "")
    assert "another process is training this run" in err


def test_run_that_does_not_exist(cli, runs):
    assert cli("resume", "zebra") == (1, "", "zebra: no such run in runs; existing runs: rnn-001\n")


def test_without_a_name_the_newest_unfinished_run_is_resumed(cli, runs):
    code, out, err = cli("resume")
    assert (code, out) == (1, "")
    assert "no unfinished run" in err
    record = runs / "rnn-001" / "run.json"
    record.write_text(record.read_text().replace('"finished"', '"interrupted"'))
    code, out, err = cli("resume")
    assert code == 0
    assert err.startswith("run: runs/rnn-001\n")
