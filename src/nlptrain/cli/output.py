"""Where words go: results to standard output, everything about the work to standard error."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nlptrain.cli.options import RUNS_DIR

if TYPE_CHECKING:
    from rich.console import Console


def note(text: str) -> None:
    """Print a sentence about the work."""
    sys.stderr.write(f"{text}\n")


def console(*, stderr: bool = False) -> "Console":
    """Make a console for tables (standard output) or progress (standard error)."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def command_line() -> str:
    """Quote what the user typed, for the run's record."""
    return shlex.join(["nlptrain", *sys.argv[1:]])


def run_argument(folder: Path, runs_dir: Path) -> str:
    """Name a run as a command would take it: by its name alone where that is enough."""
    is_found = folder.parent == runs_dir == RUNS_DIR
    return shlex.quote(folder.name if is_found else str(folder))
