"""What may not change a training's bytes: the process, its terminal, its folder, TensorBoard."""

import os
import pty
import subprocess
import sys

import pytest

pytestmark = pytest.mark.long

FILES = ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl", "report.json")


def read_files(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def run_in_a_terminal(words, folder, **environment):
    """Run a process of its own whose output goes to a terminal: what stood there."""
    ours, theirs = pty.openpty()
    variables = os.environ | {"OMP_NUM_THREADS": "1"} | environment
    command = [sys.executable, "-m", "nlptrain", *words]
    with subprocess.Popen(command, cwd=folder, env=variables, stdout=theirs, stderr=theirs) as ran:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert ran.returncode == 0, shown
    return shown.decode()


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:
        # So Linux says that nobody writes there any more.
        return b""


@pytest.mark.parametrize("setup", ["numpy-cnn", "torch-lstm"])
def test_own_process_on_a_terminal_with_other_hashes_gives_the_same_bytes(
    unbroken, tmp_path, setup
):
    whole = unbroken(setup)
    words = (*whole.words, "--set", "logging.tensorboard=false")
    shown = run_in_a_terminal(words, tmp_path, PYTHONHASHSEED="1234", LC_ALL="C")
    assert "\x1b[" in shown
    assert read_files(tmp_path / "runs" / "rnn-001") == read_files(whole.folder.path)
