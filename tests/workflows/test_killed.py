"""A process that is killed, and the command that goes on with its run."""

import os
import signal
import subprocess
import sys

import pytest

from nlptrain.runs.folder import RunFolder
from nlptrain.training.run import start

FILES = ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl")
TRAIN_AND_DIE = """
import os, signal, sys
from pathlib import Path
from nlptrain.config.load import load_config
from nlptrain.reporting.audience import Audience
from nlptrain.training.run import start

class Killer:
    records = 0
    def report(self, record):
        self.records += 1
        if self.records == 8:
            os.kill(os.getpid(), signal.SIGKILL)
    def close(self):
        pass

audience = Audience(watch_training=lambda *_: Killer())
config = load_config(sys.argv[1]).config
start(config, runs_dir=Path(sys.argv[2]), command="", audience=audience)
"""

pytestmark = pytest.mark.long


def run_python(*arguments):
    """Run Python as a user would, one thread of arithmetic."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_run_is_resumed_to_the_same_bytes(make_config, tmp_path):
    config = make_config("training.checkpoint_every_steps=3", "model.dropout=0.3")
    whole = start(config, runs_dir=tmp_path / "whole", command="").folder

    killed = run_python("-c", TRAIN_AND_DIE, whole.config_path, tmp_path / "runs")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    folder = RunFolder(tmp_path / "runs" / "rnn-001")
    assert folder.status() == "killed"
    assert folder.checkpoint_path.is_file()

    resume = run_python("-m", "nlptrain", "resume", "rnn-001", "--runs-dir", tmp_path / "runs")
    assert resume.returncode == 0, resume.stderr
    assert "resuming after step 6" in resume.stderr
    assert folder.status() == "finished"
    for name in FILES:
        assert (folder.path / name).read_bytes() == (whole.path / name).read_bytes(), name
