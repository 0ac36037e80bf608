"""`torchrun … -m nlptrain`: what is written and printed, and what becomes of processes that die."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

import nlptrain
from nlptrain.runs.folder import RunFolder

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in /proc")

NETWORK = (
    "engine=torch",
    "device=cpu",
    "model.encoder={type: pooling}",
    "training.dtype=float64",
    "data.sizes={train: 60, validation: 20, test: 20}",
    "training.batch_size=25",
    "logging.tensorboard=false",
)
SHORT = (*NETWORK, "training.steps=6", "logging.every_steps=1")
LONG = (*NETWORK, "training.steps=500", "training.evaluate_every_steps=50")
"""Seconds; what is written first is the evaluation after a tenth."""


def settings(*values):
    return [word for value in values for word in ("--set", value)]


def train(*values):
    return ("-m", "nlptrain", "train", "rnn", "--quiet", *settings(*values))


def read_metrics(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def find_process(launcher, rank):
    """Find the number of a process that torchrun started."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            if parent == launcher and f"RANK={rank}".encode() in (
                path.joinpath("environ").read_bytes().split(b"\0")
            ):
                return int(path.name)
        except (OSError, ValueError):
            continue
    raise LookupError(f"{launcher} has started no process {rank}")


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def interrupt(start_torchrun, tmp_path):
    """Send a signal to a process, or torchrun itself, in the middle of a long training."""

    def run(number, rank, processes=2):
        with start_torchrun(processes, *train(*LONG), folder=tmp_path) as started:
            metrics = tmp_path / "runs" / "rnn-001" / "metrics.jsonl"
            wait_for(lambda: metrics.exists() and metrics.stat().st_size)
            os.kill(started.pid if rank is None else find_process(started.pid, rank), number)
            out, err = started.communicate(timeout=60)
        return started.returncode, out, err, RunFolder(tmp_path / "runs" / "rnn-001")

    return run


def said_by_nlptrain(err):
    """Leave out what torchrun says of a process that has not ended well."""
    return [line for line in err.splitlines() if "nlptrain resume" in line]


def test_run_is_that_of_one_process_and_written_once(torchrun, cli, tmp_path):
    ended = torchrun(2, *train(*SHORT), folder=tmp_path)
    assert ended.code == 0, ended.err
    assert ended.out.count("test accuracy") == 1
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["rnn-001"]
    together = tmp_path / "runs" / "rnn-001"
    assert RunFolder(together).read_record().versions["processes"] == "2"
    cli("train", "rnn", *settings(*SHORT))
    alone = tmp_path / "runs" / "rnn-002"
    assert RunFolder(alone).read_record().versions["processes"] == "1"
    for one, other in zip(read_metrics(together), read_metrics(alone), strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    reports = [json.loads((run / "report.json").read_text()) for run in (together, alone)]
    assert reports[0]["accuracy"] == reports[1]["accuracy"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (train("engine=numpy"), "engine: numpy computes in one process, but torchrun started 2"),
        (train("training.epochz=3"), "epochz"),
        (("-m", "nlptrain", "train", "--no-such-option"), "--no-such-option"),
        (("-m", "nlptrain", "resume", "rnn-001"), "rnn-001"),
    ],
)
@pytest.mark.long
def test_what_is_refused_is_said_once(torchrun, tmp_path, words, found):
    ended = torchrun(2, *words, folder=tmp_path)
    assert ended.code != 0
    assert ended.err.count(found) == 1
    assert not (tmp_path / "runs").exists()


@pytest.mark.long
def test_other_commands_are_done_once(torchrun, tmp_path):
    ended = torchrun(2, "-m", "nlptrain", "config", "check", "rnn", folder=tmp_path)
    alone = torchrun(1, "-m", "nlptrain", "config", "check", "rnn", folder=tmp_path)
    assert (ended.code, ended.out) == (0, alone.out)


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory):
    """Train the long network in this process, without an interruption."""
    folder = tmp_path_factory.mktemp("whole")
    return nlptrain.train("rnn", overrides=LONG, runs_dir=folder).folder


def assert_same_curve(run, whole):
    assert run.read_record().status == "finished"
    pairs = zip(read_metrics(run.path), read_metrics(whole.path), strict=True)
    for one, other in pairs:
        assert one == pytest.approx(other, abs=1e-7)


@pytest.mark.long
@pytest.mark.parametrize(
    ("number", "rank"),
    [(signal.SIGTERM, 0), (signal.SIGTERM, 1), (signal.SIGINT, 1), (signal.SIGINT, None)],
)
def test_signal_to_any_process_saves_once_and_any_number_resumes(
    interrupt, torchrun, whole_run, tmp_path, number, rank
):
    code, _, err, run = interrupt(number, rank)
    assert code != 0
    assert said_by_nlptrain(err) == [
        "interrupted and saved; to resume: nlptrain resume rnn-001",
    ]
    assert run.read_record().status == "interrupted"
    ended = torchrun(3, "-m", "nlptrain", "resume", "rnn-001", folder=tmp_path)
    assert ended.code == 0, ended.err
    assert "processes so far and now: 2, 3" in ended.err
    assert run.read_record().versions["processes"] == "2, 3"
    assert_same_curve(run, whole_run)


@pytest.mark.long
@pytest.mark.parametrize(("processes", "rank"), [(2, 1), (4, 2)])
def test_process_that_dies_ends_the_others_and_what_was_done_is_saved(
    interrupt, cli, whole_run, processes, rank
):
    _, _, err, run = interrupt(signal.SIGKILL, rank, processes)
    [sentence] = said_by_nlptrain(err)
    assert f"one of the {processes} processes has ended" in sentence
    assert "nlptrain resume runs/rnn-001" in sentence
    assert run.read_record().status == "failed"
    ended = cli("resume", "rnn-001")
    assert "resuming after step" in ended.err
    assert ended.code == 0
    assert_same_curve(run, whole_run)


@pytest.mark.long
def test_death_of_the_process_that_leads_is_told_once(interrupt, cli, whole_run):
    _, _, err, run = interrupt(signal.SIGKILL, 0, processes=3)
    [sentence] = said_by_nlptrain(err)
    assert "the first of the 3 processes, which saves the run, has died" in sentence
    assert run.status() == "killed"
    assert cli("resume", "rnn-001").code == 0
    assert_same_curve(run, whole_run)
