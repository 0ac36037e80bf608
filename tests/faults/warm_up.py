"""What both servers do before they fork: train once, so that children find everything imported."""

import contextlib
import io
import sys
import tempfile

import nlptrain.cli.app

SMALL = ("engine=numpy", "data.sizes={train: 40, validation: 12, test: 12}", "training.epochs=1")


def warm_up():
    """Train once, so that what is imported late is there too."""
    words = [word for setting in SMALL for word in ("--set", setting)]
    with (
        tempfile.TemporaryDirectory() as runs_dir,
        contextlib.redirect_stderr(io.StringIO()),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.suppress(SystemExit),
    ):
        sys.argv = ["nlptrain", "train", "rnn", *words, "--runs-dir", runs_dir]
        nlptrain.cli.app.main()
