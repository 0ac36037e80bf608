"""Where words go: results to standard output, everything about the work to standard error."""

import sys
from typing import TYPE_CHECKING

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
    import shlex

    return shlex.join(["nlptrain", *sys.argv[1:]])
