"""A comparison that is killed anywhere, and the command that goes on with it."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

POINTS = 5
DIE_AT_A_CALL = """
import os, signal, sys
from nlptrain.comparison.report import write as report
from nlptrain.comparison import run

calls, last = 0, int(sys.argv.pop(1))
compare = run.compare

def count(frame, event, argument):
    global calls
    calls += 1
    if calls == last:
        os.kill(os.getpid(), signal.SIGKILL)

def watched(*arguments, **options):
    sys.setprofile(count)
    try:
        return compare(*arguments, **options)
    finally:
        sys.setprofile(None)
        print("calls", calls)

run.compare = watched
report.draw_figures = lambda results: {}
sys.argv = ["nlptrain", *sys.argv[1:]]
from nlptrain.cli.app import main
main()
"""
SETTINGS = (
    "engine=numpy",
    "data.sizes.train=40",
    "data.sizes.validation=12",
    "data.sizes.test=12",
    "model.encoder.hidden_size=4",
    "training.epochs=2",
    "comparison.max_widenings=1",
    "comparison.optimizers=[{type: sgd}, {type: muon}, {type: schedule_free_adamw}]",
)


@pytest.fixture
def words():
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    options = ("--trials", "2", "--seeds", "3", "--jobs", "1", "--quiet")
    return ("compare-optimizers", "rnn", *settings, *options)


def run_until(call, *words):
    """Compare in a process that is killed at this call or return of a function, if there is one."""
    return subprocess.run(
        [sys.executable, "-c", DIE_AT_A_CALL, str(call), *words],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def read(path):
    return path.read_bytes() if path.is_file() else b""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_comparison_killed_anywhere_ends_with_the_same_bytes(cli, words, monkeypatch):
    whole = run_until(0, *words, "--output", "whole")
    assert whole.returncode == 0, whole.stderr
    calls = next(int(line.split()[1]) for line in whole.stdout.splitlines() if "calls" in line)
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
    kept = set()
    for point in random.Random(0).sample(range(1, calls), POINTS):
        folder = Path(str(point))
        killed = run_until(point, *words, "--output", str(folder))
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        kept.add(read(folder / "trials.jsonl").count(b"\n"))
        assert cli(*words, "--output", folder).code == 0
        for name in ("comparison.json", "protocol.json"):
            assert (folder / name).read_bytes() == Path("whole", name).read_bytes()
    # They were not all killed at one stage.
    assert len(kept) > 1
