import shlex
import signal
from pathlib import Path

import pytest

from nlptrain.files.storage import read_json


def table(out):
    """Read a table of names and values."""
    return {line[:15].strip(): line[15:].strip() for line in out.splitlines()}


def test_training_ends_with_scores_and_the_next_command(cli, workplace, tiny):
    code, out, err = cli("train", "rnn", *tiny)
    rows = table(out)
    assert code == 0
    report = read_json(workplace / "runs" / "rnn-001" / "report.json")
    assert rows["test accuracy"] == f"{report['accuracy']:.4f}"
    assert {"seconds", "strings/s", "majority class", "test loss"} <= rows.keys()
    assert rows["run"] == str(Path("runs", "rnn-001"))
    assert "epoch 2/2" in err


@pytest.mark.parametrize("runs_dir", [None, "my runs"])
def test_next_command_works_as_printed(cli, tiny, runs_dir):
    where = ["--runs-dir", runs_dir] if runs_dir else []
    command = table(cli("train", "rnn", *tiny, *where).out)["next"]
    code, out, _ = cli(*shlex.split(command)[1:])
    assert code == 0
    assert out.startswith(f"{shlex.split(command)[2]}\t")


def test_no_printed_line_ends_in_spaces(cli, tiny):
    for arguments in (("train", "rnn", *tiny), ("train", "rnn", "--dry-run", *tiny), ("evaluate",)):
        out = cli(*arguments).out
        assert out
        assert all(line == line.rstrip() for line in out.splitlines())


def test_quiet_training_says_nothing_about_its_progress(cli, tiny):
    assert cli("train", "rnn", *tiny, "--quiet").err.startswith("engine: ")
    assert "epoch" not in cli("train", "rnn", *tiny, "--quiet").err


def test_dropped_settings_are_named_even_when_quiet(cli):
    settings = ("data.sizes.train=64", "training.steps=1", "model.encoder.type=pooling")
    arguments = [argument for setting in settings for argument in ("--set", setting)]
    code, _, err = cli("train", "rnn", *arguments, "--quiet")
    assert code == 0
    assert "model.encoder.cell" in err


def test_run_records_what_was_typed(cli, workplace, tiny):
    cli("train", "rnn", *tiny, "--set", "name=a.b")
    command = read_json(workplace / "runs" / "a.b-001" / "run.json")["command"]
    assert command.startswith("nlptrain train rnn --set data.sizes.train=300")


def test_dry_run_shows_the_network_and_the_splits(cli, workplace, tiny):
    code, out, err = cli("train", "rnn", "--dry-run", *tiny)
    assert (code, err) == (0, "")
    assert "B × T × 8" in out
    assert any(line.split() == ["train", "strings", "300"] for line in out.splitlines())


def test_dry_run_writes_nothing(cli, workplace, tiny):
    assert cli("train", "rnn", "--dry-run", *tiny).code == 0
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_training_is_saved_and_says_how_to_go_on(cli, tiny, monkeypatch, number, code):
    from nlptrain.training.journal import Journal

    handle = Journal.handle

    def interrupt(self, record):
        handle(self, record)
        signal.raise_signal(number)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "handle", interrupt)
        interrupted = cli("train", "rnn", *tiny, "--runs-dir", "my runs")
    assert (interrupted.code, interrupted.out) == (code, "")
    assert interrupted.err.endswith("to resume: nlptrain resume 'my runs/rnn-001'\n")
    assert cli("resume", "my runs/rnn-001").code == 0


def test_second_run_has_the_next_number(cli, runs, tiny):
    cli("train", "rnn", *tiny)
    assert sorted(path.name for path in runs.iterdir()) == ["rnn-001", "rnn-002"]


def test_folds_train_a_run_each_and_print_mean_and_spread(cli, workplace):
    small = ("model.encoder.type=pooling", "training.epochs=1", "logging.tensorboard=false")
    settings = [part for setting in small for part in ("--set", setting)]
    code, out, err = cli("train", "own_file", "--folds", "2", *settings)
    assert code == 0
    assert "fold 2 of 2: test accuracy" in err
    assert " ± " in out
    names = {path.name for path in (workplace / "runs").iterdir()}
    assert names == {"folds-own_file-001", "own_file-fold1of2-001", "own_file-fold2of2-001"}
    assert cli("evaluate", "own_file-fold2of2-001").code == 0


def test_folds_of_a_task_are_refused_before_anything_is_written(cli, workplace):
    code, _, err = cli("train", "rnn", "--folds", "2")
    assert code == 1
    assert "folds require a file" in err
    assert not (workplace / "runs").exists()


@pytest.mark.parametrize("text", ["O'Brien $HOME!", "Müller, 1", "a\u3000b"])
def test_next_command_predicts_a_string_of_the_test_split(cli, workplace, text):
    rows = [f'"{text}{number}",{number % 2}' for number in range(40)]
    (workplace / "own.csv").write_text("\n".join(["text,kind", *rows]), encoding="utf-8")
    settings = ("data.file.path=own.csv", "training.steps=2", "logging.tensorboard=false")
    out = cli("train", "own_file", *(f"--set={each}" for each in settings)).out
    program, *words = shlex.split(out.splitlines()[-1].partition("next")[2])
    assert program == "nlptrain"
    assert words[1].startswith(text) == text.isprintable()
    assert cli(*words).code == 0
