"""Output: results to standard output, messages about the work to standard error."""

import io
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlptrain.cli.options import RUNS_DIR

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from rich.console import Console


def note(text: str) -> None:
    """Print a message about the work."""
    from nlptrain.reporting.literal import MAX_LINE
    from nlptrain.reporting.wrapping import write_lines

    write_lines(text, sys.stderr, MAX_LINE)


def say(text: str) -> None:
    """Print a sentence of the result."""
    from nlptrain.reporting.wrapping import write_lines

    write_lines(text, sys.stdout)


def print_json(value: object, indent: int | None = None) -> None:
    """Print the result as JSON."""
    from nlptrain.reporting.literal import to_json

    sys.stdout.write(f"{to_json(value, indent)}\n")


def console(*, stderr: bool = False) -> "Console":
    """Create a console for tables (standard output) or progress (standard error)."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def show_table(
    names: Iterable[str], numbers: Iterable[str], rows: Iterable[tuple[str, ...]], **options: Any
) -> None:
    """Print rows as a table; see `plain_table`."""
    from nlptrain.reporting.table_layout import print_table
    from nlptrain.reporting.tables import plain_table

    print_table(plain_table(names, numbers, rows, **options), console())


def show_facts(facts: dict[str, str]) -> None:
    """Print one name and value per line."""
    from nlptrain.reporting.table_layout import print_facts

    print_facts(facts, console())


class TerminalBytes(io.BytesIO):
    """The destination of a table that is shown on a terminal, with control characters escaped."""

    def write(self, data: "ReadableBuffer") -> int:
        """Print some whole lines."""
        from nlptrain.reporting.literal import literal_lines

        text = bytes(data).decode("utf-8", "backslashreplace")
        sys.stdout.write(literal_lines(text))
        return len(text)


def command_line() -> str:
    """Return the command line for the run's record."""
    return shlex.join(["nlptrain", *sys.argv[1:]])


def run_argument(folder: Path, runs_dir: Path) -> str:
    """Return a run as an argument of a command: its name alone if that is sufficient."""
    is_found = folder.parent == runs_dir == RUNS_DIR
    return shlex.quote(folder.name if is_found else str(folder))
