"""A command of nlptrain inside this process: what both servers do, before they fork and after."""

import contextlib
import io
import sys
import tempfile

import nlptrain.cli.app

SMALL = ("engine=numpy", "data.sizes={train: 40, validation: 12, test: 12}", "training.epochs=1")

UNEXPECTED = 99
"""The exit status where an error was not expected: no command of nlptrain has it."""


def run(words):
    """Run a command: its exit status."""
    sys.argv = ["nlptrain", *words]
    try:
        nlptrain.cli.app.main()
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return UNEXPECTED
    return 0


def warm_up():
    """Train once, so that what is imported late is there too."""
    words = [word for setting in SMALL for word in ("--set", setting)]
    with (
        tempfile.TemporaryDirectory() as runs_dir,
        contextlib.redirect_stderr(io.StringIO()) as said,
        contextlib.redirect_stdout(io.StringIO()),
    ):
        status = run(["train", "rnn", *words, "--runs-dir", runs_dir])
    assert status == 0, said.getvalue()
