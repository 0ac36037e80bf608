"""Real processes of nlptrain that end badly on purpose, and what they must come to."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

from nlptrain.files.model_file import ModelFile
from nlptrain.runs.folder import RunFolder
from nlptrain.training.checkpoint import Checkpoint

SMALL = (
    "device=cpu",
    "text.min_count=1",
    "data.sizes={train: 40, validation: 12, test: 12}",
    "model.embedding.dim=4",
    "training.batch_size=8",
    "training.epochs=2",
    "training.checkpoint_every_steps=3",
    "logging.every_steps=2",
)
SETUPS = {
    "pooling": (
        "model.encoder.type=pooling",
        "model.head.hidden_sizes=[4]",
        "model.dropout=0.2",
        "training.schedule={type: step, every_epochs: 1}",
        "training.checkpoint_every_steps=1",
    ),
    "rnn": (
        "model.encoder.hidden_size=5",
        "optimizer={type: sgd, momentum: 0.9}",
        "model.dropout=0.3",
        "training.schedule.type=cosine",
        "training.evaluate_every_steps=3",
        "data.fresh=true",
    ),
    "lstm": (
        "model.encoder={type: rnn, cell: lstm, hidden_size: 4, bidirectional: true}",
        "optimizer={type: adam, amsgrad: true, learning_rate: 0.2}",
        "model.normalization=batch",
        "training.epochs=6",
        "training.patience=2",
        "training.evaluate_every_steps=3",
        "training.checkpoint_every_steps=null",
        "training.checkpoint_every_seconds=0.02",
    ),
    "cnn": (
        "model.encoder={type: cnn, channels: 5}",
        "optimizer={type: adam_by_hand, weight_decay: 0.1}",
        "model.normalization=batch",
        "model.dropout=0.3",
        "training.schedule={type: linear, warmup_steps: 3}",
        "training.max_grad_norm=0.1",
        "training.threshold=best_f1",
        "training.calibration=temperature",
        "training.refit=true",
        "logging.histograms=true",
    ),
}
"""Each encoder; among them dropout, batch norm, schedules, patience, both clocks of checkpoints."""


FILES = ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl", "report.json")
"""What an interruption may not change."""


class Ended(NamedTuple):
    """How a process ended: its exit status (negative: by that signal) and what it said."""

    code: int
    out: str
    err: str


class Forks:
    """Asks the fork server for processes."""

    def __init__(self, server, streams):
        self.server = server
        self.streams = streams
        self.started = {}

    def start(self, *words, folder, fault=None, trace=None):
        """Start a command of nlptrain in a folder: the process's number."""
        said = [self.streams / f"{len(self.started)}.{name}" for name in ("out", "err")]
        for path in said:
            path.touch()
        child = self._ask(
            start={
                "words": list(map(str, words)),
                "folder": str(folder),
                "streams": list(map(str, said)),
                "fault": fault,
                "trace": trace and str(trace),
            }
        )
        self.started[child] = said
        return child

    def wait(self, child, seconds=None):
        """Wait for a process to end; kill it after so many seconds."""
        code = self._ask(wait=child, seconds=seconds)
        return Ended(code, *(path.read_text() for path in self.started[child]))

    def run(self, *words, folder, fault=None, trace=None):
        """Run a command to its end."""
        child = self.start(*words, folder=folder, fault=fault, trace=trace)
        return self.wait(child, fault and fault.get("seconds"))

    def _ask(self, **request):
        self.server.stdin.write(f"{json.dumps(request)}\n")
        self.server.stdin.flush()
        return json.loads(self.server.stdout.readline())


@dataclass(frozen=True)
class Unbroken:
    """A run that nothing disturbed.

    Attributes:
        words: The command line.
        folder: Where it worked.
        events: The calls and returns of its process.
        places: How often each place was reached.
        first: The number of the event with which training began.
        last: The number of the one that wrote the report.
        seconds: What it took.
    """

    words: tuple[str, ...]
    folder: RunFolder
    events: int
    places: Counter[str]
    first: int
    last: int
    seconds: float


@pytest.fixture(scope="session")
def forks(tmp_path_factory):
    """Start the fork server."""
    with _serve("fork_server.py") as server:
        yield Forks(server, tmp_path_factory.mktemp("streams"))


@pytest.fixture(scope="session")
def limited_server():
    """Start the server of commands under a limit."""
    with _serve("limited_server.py") as server:
        yield server


@contextmanager
def _serve(name):
    """Start a server, one thread of arithmetic; it ends with its standard input."""
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name(name)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as server:
        yield server
        server.stdin.close()


@pytest.fixture(scope="session")
def unbroken(forks, tmp_path_factory):
    """Train a setup without a fault, once: unbroken("numpy-cnn")."""
    known = {}

    def train(setup):
        if setup not in known:
            engine, name = setup.split("-")
            settings = (*SMALL, f"engine={engine}", *SETUPS[name])
            words = ("train", "rnn", *(word for each in settings for word in ("--set", each)))
            folder = tmp_path_factory.mktemp(setup)
            (folder / "runs").mkdir()
            known[setup] = _train_whole(forks, words, folder)
        return known[setup]

    return train


def _train_whole(forks, words, folder):
    began = time.monotonic()
    ended = forks.run(*words, folder=folder)
    seconds = time.monotonic() - began
    assert ended.code == 0, ended.err
    # Once more, watched, in a place that nobody looks at.
    other = folder / "watched"
    (other / "runs").mkdir(parents=True)
    forks.run(*words, folder=other, trace=other / "trace")
    trace = json.loads((other / "trace").read_text())
    places = Counter(label for label, _ in trace["order"])
    at = dict(trace["order"])
    return Unbroken(
        words=words,
        folder=RunFolder(folder / "runs" / "rnn-001"),
        events=trace["events"],
        places=places,
        first=at["call Journal.open"],
        last=at["return Journal.write_report"],
        seconds=seconds,
    )


@pytest.fixture
def break_and_resume(forks, tmp_path):
    """Train with a fault, resume with the next, and so on until the run ends: its folder.

    A run that was killed before it had a record is trained anew.
    """

    def run(words, faults):
        (tmp_path / "runs").mkdir()
        faults = iter(faults)
        ended, folder = forks.run(*words, folder=tmp_path, fault=next(faults)), None
        while ended.code:
            assert ended.code == -9, ended.err
            folder = _find_whole_run(tmp_path / "runs")
            command = ("resume", folder.path.name) if folder else words
            ended = forks.run(*command, folder=tmp_path, fault=next(faults, None))
        return _find_whole_run(tmp_path / "runs")

    return run


@pytest.fixture(scope="session")
def find_whole_run():
    """Find the run that has a record, if any; what is in its folder is whole or hidden."""
    return _find_whole_run


def _find_whole_run(runs_dir):
    folders = [RunFolder(path) for path in sorted(runs_dir.iterdir())]
    found = [folder for folder in folders if folder.record_path.is_file()]
    if not found:
        return None
    (folder,) = found
    assert folder.status() in ("killed", "interrupted", "finished")
    assert folder.config_path.is_file()
    if folder.model_path.exists():
        ModelFile.load(folder.model_path)
    if folder.checkpoint_path.exists():
        Checkpoint.load(folder.checkpoint_path)
    if folder.report_path.exists():
        json.loads(folder.report_path.read_text())
    return folder


@pytest.fixture(scope="session")
def assert_equal_runs():
    """Compare a run with an unbroken one: every byte that holds no time, and every curve."""
    return _assert_equal_runs


def _assert_equal_runs(found, whole):
    for name in FILES:
        assert (found.path / name).read_bytes() == (whole.path / name).read_bytes(), name
    assert _read_curves(found) == _read_curves(whole)
    assert found.read_record().status == "finished"
    assert _list_files(found) == _list_files(whole)


def _read_curves(folder):
    """Read what TensorBoard shows: the steps and values of each curve, picture and text."""
    events = EventAccumulator(str(folder.path), {"tensors": 0}).Reload()
    return {
        tag: [(event.step, event.tensor_proto) for event in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
    }


def _list_files(folder):
    return {path.name for path in folder.path.iterdir() if "tfevents" not in path.name}
