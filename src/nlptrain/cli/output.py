"""Where words go: results to standard output, everything about the work to standard error."""

import io
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nlptrain.cli.options import RUNS_DIR

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from rich.console import Console


def note(text: str) -> None:
    """Print a sentence about the work."""
    from nlptrain.reporting.literal import LONGEST_LINE
    from nlptrain.reporting.wrapping import write_lines

    write_lines(text, sys.stderr, LONGEST_LINE)


def say(text: str) -> None:
    """Print a sentence that belongs to the result."""
    from nlptrain.reporting.wrapping import write_lines

    write_lines(text, sys.stdout)


def print_json(value: object, indent: int | None = None) -> None:
    """Print the result as JSON."""
    from nlptrain.reporting.literal import to_json

    sys.stdout.write(f"{to_json(value, indent)}\n")


def console(*, stderr: bool = False) -> "Console":
    """Make a console for tables (standard output) or progress (standard error)."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


class TerminalBytes(io.BytesIO):
    """Where a table goes that is shown on a terminal and not kept: none of it is obeyed there."""

    def write(self, data: "ReadableBuffer") -> int:
        """Show some whole lines."""
        from nlptrain.reporting.literal import literal_lines

        text = bytes(data).decode("utf-8", "backslashreplace")
        sys.stdout.write(literal_lines(text))
        return len(text)


def command_line() -> str:
    """Quote what the user typed, for the run's record."""
    return shlex.join(["nlptrain", *sys.argv[1:]])


def run_argument(folder: Path, runs_dir: Path) -> str:
    """Name a run as a command would take it: by its name alone where that is enough."""
    is_found = folder.parent == runs_dir == RUNS_DIR
    return shlex.quote(folder.name if is_found else str(folder))
