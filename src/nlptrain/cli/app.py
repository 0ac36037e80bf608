"""The command line: all commands, and the handling of their errors."""

import atexit
import codecs
import contextlib
import errno
import gc
import io
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
import typer.core

from nlptrain import __version__
from nlptrain.cli import (
    compare,
    compare_encoders,
    compare_optimizers,
    compare_report,
    config,
    data,
    evaluate,
    explain,
    export,
    predict,
    replay,
    resume,
    runs,
    search,
    serve,
    torchrun,
    train,
    verify,
)
from nlptrain.cli.completion import complete_settings_in_bash
from nlptrain.cli.output import note
from nlptrain.errors import NlptrainError, describe_lack_of_memory, is_out_of_memory
from nlptrain.reporting.stage_progress import shown_on_terminal

OUTPUT_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Reasons why output redirected to a file cannot be written."""


class Commands(typer.core.TyperGroup):
    """All commands; the name of one may be two words, the first of which is a command too."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find `compare report` before `compare`, whose first argument is a config."""
        name = " ".join(args[:2])
        if len(args) > 1 and name in self.commands:
            return name, self.commands[name], args[2:]
        found: tuple[str | None, Any, list[str]] = super().resolve_command(ctx, args)
        return found


app = typer.Typer(
    name="nlptrain",
    cls=Commands,
    no_args_is_help=True,
    # Plain help starts a third faster than boxes, and looks the same in a pipe.
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
app.command("export")(export.export)
app.command("compare")(compare.compare)
app.command("compare report")(compare_report.compare_report)
app.command("compare-encoders")(compare_encoders.compare_encoders)
app.command("compare-optimizers")(compare_optimizers.compare_optimizers)
app.command("search")(search.search)
app.command("serve")(serve.serve)
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
    """Run the command line; a user error is printed as a message, with exit status 1."""
    _read_arguments_as_utf8()
    if complete_settings_in_bash():
        return
    _open_closed_streams()
    _accept_any_character()
    # Else Python searches all of torch for garbage on exit: most of a second.
    atexit.register(gc.freeze)
    launch = torchrun.find_launch()
    if launch is not None and not launch.leads:
        _run(lambda: torchrun.follow(launch))
    with torchrun.leading(launch):
        _run(lambda: app(prog_name="nlptrain"))


def _run(command: Callable[[], object]) -> None:
    """Run a command, and exit as its error demands."""
    try:
        try:
            with shown_on_terminal():
                command()
        finally:
            sys.stdout.flush()
    except NlptrainError as error:
        note(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        note("interrupted; no file is left half-written")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe has closed it.
        _discard_output()
        sys.exit(1)
    except (MemoryError, RuntimeError, ImportError) as error:
        if not is_out_of_memory(error):
            raise
        note(
            f"{describe_lack_of_memory(error)}; close other programs, truncate long strings "
            "(text.max_length), or use a smaller network or batch"
        )
        sys.exit(1)
    except OSError as error:
        if error.errno not in OUTPUT_ERRORS:
            raise
        # If standard error itself failed, the message is lost.
        with contextlib.suppress(OSError):
            note(f"cannot write: {error.strerror}")
        _discard_output()
        sys.exit(1)


def _discard_output() -> None:
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _read_arguments_as_utf8() -> None:
    """Restart in Python's UTF-8 mode if the locale is ASCII.

    Otherwise strings, labels and file names would contain surrogates, and not be found.
    """
    if codecs.lookup(sys.getfilesystemencoding()).name == "ascii":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


def _open_closed_streams() -> None:
    """Open the null device for a standard stream that was closed (`>&-`).

    Otherwise it is None in Python, and the next file opened gets its descriptor.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def _accept_any_character() -> None:
    """Print any string: surrogates, as from input that is not UTF-8, are escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
