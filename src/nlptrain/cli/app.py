"""The command line: which commands there are, and what happens to their errors."""

import codecs
import contextlib
import errno
import io
import os
import sys
from typing import Annotated

import typer

from nlptrain import __version__
from nlptrain.cli import (
    compare,
    compare_encoders,
    compare_optimizers,
    config,
    data,
    evaluate,
    explain,
    predict,
    replay,
    resume,
    runs,
    train,
    verify,
)
from nlptrain.cli.completion import complete_values_in_bash
from nlptrain.cli.output import note
from nlptrain.errors import NlptrainError, is_out_of_memory
from nlptrain.reporting.stage_progress import shown_on_terminal

REFUSED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Why the system may not take what is printed into a file."""

app = typer.Typer(
    name="nlptrain",
    no_args_is_help=True,
    # Plain help starts a third sooner than boxes, and reads the same in a pipe.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train.train)
app.command("resume")(resume.resume)
app.command("replay")(replay.replay)
app.command("predict")(predict.predict)
app.command("evaluate")(evaluate.evaluate)
app.command("explain")(explain.explain)
app.command("compare")(compare.compare)
app.command("compare-encoders")(compare_encoders.compare_encoders)
app.command("compare-optimizers")(compare_optimizers.compare_optimizers)
app.command("verify")(verify.verify)
app.add_typer(runs.app, name="runs")
app.add_typer(config.app, name="config")
app.add_typer(data.app, name="data")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nlptrain {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Train small neural networks on character strings: YAML in, a run folder out.

    \b
    Examples:
      nlptrain train rnn
      nlptrain predict "abcd" "bcde"
    """


def main() -> None:
    """Run the command line; a user's mistake is printed as a message, exit status 1."""
    _read_arguments_as_utf8()
    if complete_values_in_bash():
        return
    _open_closed_streams()
    _accept_any_character()
    try:
        try:
            with shown_on_terminal():
                app(prog_name="nlptrain")
        finally:
            sys.stdout.flush()
    except NlptrainError as error:
        note(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        note("interrupted: nothing is left half-written")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe has enough.
        _discard_output()
        sys.exit(1)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        note(
            f"not enough memory: {str(error) or 'none could be allocated'}; close other "
            "programs, cut long strings (text.max_length), or take a smaller network or batch"
        )
        sys.exit(1)
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        # Where it was standard error that refused, there is nobody to tell.
        with contextlib.suppress(OSError):
            note(f"cannot write: {error.strerror}")
        _discard_output()
        sys.exit(1)


def _discard_output() -> None:
    """Send nowhere what Python would still try to write at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _read_arguments_as_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale knows ASCII alone.

    Strings, labels and names of files would else be half characters, and not be found.
    """
    if codecs.lookup(sys.getfilesystemencoding()).name == "ascii":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


def _open_closed_streams() -> None:
    """Put nothing in the place of a standard stream that was closed (`>&-`).

    Else Python has None there, and the next file that is opened takes its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def _accept_any_character() -> None:
    """Let strings out as they came in: bytes that are no UTF-8, and lone surrogates escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
