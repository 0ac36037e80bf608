"""A disk that is full or refuses: one message, and nothing half-made is left."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nlptrain.reporting.metrics_file import MetricsFile
from nlptrain.reporting.records import StepRecord
from nlptrain.runs.folder import RunFolder


def refuse(number):
    def raise_it(*_args, **_options):
        raise OSError(number, os.strerror(number))

    return raise_it


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_runs_folder_that_refuses_is_one_message(cli, workplace, tiny, monkeypatch, number):
    monkeypatch.setattr(Path, "mkdir", refuse(number))
    code, out, err = cli("train", "rnn", *tiny)
    assert (code, out) == (1, "")
    assert err.startswith(f"runs: cannot create a folder there: {os.strerror(number)}")
    assert list(workplace.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_read_only_runs_folder_is_one_message(cli, workplace, tiny):
    (workplace / "runs").mkdir(mode=0o500)
    code, out, err = cli("train", "rnn", *tiny)
    assert (code, out) == (1, "")
    assert "Permission denied" in err


@pytest.mark.parametrize("where", ["file", "file/below", "/proc/nlptrain/runs"])
def test_runs_dir_where_no_folder_can_be_is_one_message(cli, workplace, tiny, where):
    (workplace / "file").write_bytes(b"")
    code, out, err = cli("train", "rnn", *tiny, "--runs-dir", where)
    assert (code, out) == (1, "")
    assert err.startswith(f"{where}: cannot create a folder there: ")
    assert (workplace / "file").read_bytes() == b""


def test_disk_full_before_the_first_file_leaves_no_run(cli, workplace, tiny, monkeypatch):
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))
    code, out, err = cli("train", "rnn", *tiny)
    assert (code, out) == (1, "")
    assert err.endswith(
        "config.yaml: cannot write: No space left on device; free some space there\n"
    )
    assert list((workplace / "runs").iterdir()) == []


def test_disk_full_in_mid_training_keeps_the_run_as_failed(cli, workplace, tiny, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("nlptrain.files.model_file.ModelFile.save", refuse_model)
        code, out, err = cli("train", "rnn", *tiny)
    assert (code, out) == (1, "")
    assert err.endswith("; free some space there; then resume: nlptrain resume runs/rnn-001\n")
    assert "Traceback" not in err
    assert RunFolder(workplace / "runs" / "rnn-001").status() == "failed"
    assert "failed" in cli("runs").out
    assert cli("resume", "rnn-001").code == 0


def refuse_model(_self, path):
    from nlptrain.files.storage import write_atomic

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", refuse(errno.ENOSPC))
        write_atomic(path, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", ["predict abcd", "predict --file words.txt"])
def test_standard_output_that_is_full_is_one_message(runs, buffered, arguments):
    (runs.parent / "words.txt").write_text("abcd\n")
    command = [sys.executable, "-m", "nlptrain", *arguments.split(), "--runs-dir", "runs"]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    message = ended.stderr.removeprefix(b"run: runs/rnn-001\n")
    assert ended.returncode == 1
    assert message.endswith(b"\n")
    assert message.count(b"\n") == 1
    assert b"No space left on device" in message


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC])
def test_standard_output_that_the_system_refuses_is_one_message(cli, monkeypatch, number):
    monkeypatch.setattr("typer.echo", refuse(number))
    code, out, err = cli("config", "schema")
    assert (code, out, err) == (1, "", f"cannot write: {os.strerror(number)}\n")


@pytest.fixture
def losing(cli, workplace, tiny, monkeypatch):
    """Train, and do something to the runs folder at a step: what the command says."""

    def train(step, lose, *settings):
        right = MetricsFile.report

        def report(self, record):
            if isinstance(record, StepRecord) and record.step == step:
                lose(workplace / "runs")
            right(self, record)

        monkeypatch.setattr(MetricsFile, "report", report)
        options = ("logging.tensorboard=true", "training.checkpoint_every_steps=2", *settings)
        return cli("train", "rnn", *tiny, *(w for each in options for w in ("--set", each)))

    return train


def lose_all(runs):
    shutil.rmtree(runs)


def lose_run(runs):
    shutil.rmtree(runs / "rnn-001")


def replace_by_file(runs):
    shutil.rmtree(runs)
    runs.write_bytes(b"mine")


@pytest.mark.parametrize("lose", [lose_all, lose_run, replace_by_file])
@pytest.mark.parametrize("step", [1, 4])
def test_folder_that_goes_away_while_training_is_one_message(losing, workplace, lose, step):
    code, out, err = losing(step, lose)
    last = err.splitlines()[-1]
    assert (code, out) == (1, "")
    assert last.startswith("runs/rnn-001/checkpoint.safetensors: cannot write: No")
    assert last.endswith("; its folder is missing; nothing is left of the run; train it again")
    assert "Traceback" not in err
    assert not (workplace / "runs" / "rnn-001").exists()


def test_output_on_a_full_disk_leaves_the_old_file(cli, runs, monkeypatch):
    workplace = runs.parent
    (workplace / "words.txt").write_text("abcd\n")
    (workplace / "out.csv").write_text("old")
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))
    code, _, err = cli("predict", "--file", "words.txt", "--output", "out.csv")
    assert code == 1
    assert "out.csv: No space left on device" in err
    assert (workplace / "out.csv").read_text() == "old"
    assert sorted(path.name for path in workplace.iterdir()) == ["out.csv", "runs", "words.txt"]
