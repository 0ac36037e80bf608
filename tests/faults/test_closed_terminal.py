"""A terminal whose window is closed while a real process trains in it."""

import os
import pty
import sys

import pytest

from nlptrain.runs.folder import RunFolder

pytestmark = pytest.mark.long


@pytest.fixture
def close_terminal(tmp_path):
    """Train in a terminal of its own, and close that once so much has been shown."""

    def run(words, shown):
        child, terminal = pty.fork()
        if not child:
            os.chdir(tmp_path)
            os.environ["OMP_NUM_THREADS"] = "1"
            os.execv(sys.executable, [sys.executable, "-m", "nlptrain", *words])
        seen = b""
        while shown not in seen:
            seen += os.read(terminal, 4096)
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    return run


@pytest.mark.parametrize(
    "shown",
    [
        b"engine",
        b"epoch 1/",
        b"validation acc",
        *(b"epoch %d/" % n for n in (2, 5, 10, 20, 50, 100, 200)),
    ],
)
def test_training_is_saved_and_resumed_to_the_same_bytes(close_terminal, tmp_path, shown):
    import nlptrain

    settings = ("training.epochs=400", "data.sizes={train: 600, validation: 60, test: 60}")
    quiet = ("engine=numpy", "logging.tensorboard=false", "model.encoder.hidden_size=32")
    words = ["train", "rnn", *(f"--set={each}" for each in (*settings, *quiet))]
    close_terminal(words, shown)
    folder = RunFolder(tmp_path / "runs" / "rnn-001")
    if shown == b"engine":
        # Nothing has been trained yet, so there may be nothing to save: it starts over.
        assert folder.status() in ("interrupted", "killed")
    else:
        assert folder.status() == "interrupted"
        assert folder.checkpoint_path.is_file()
    resumed = nlptrain.resume(folder.path)
    whole = nlptrain.train("rnn", overrides=[*settings, *quiet], runs_dir=tmp_path / "whole")
    for name in ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl"):
        expected = (whole.folder.path / name).read_bytes()
        assert (resumed.folder.path / name).read_bytes() == expected
