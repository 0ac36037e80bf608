"""Messages on a terminal, wrapped between words."""

import os
import re
import shutil
from typing import TextIO

from nlptrain.reporting.literal import literal_lines

_EXCERPT = re.compile(r" +\d* +\| ")
"""The start of a config's line, or of the caret below it, in an error message."""


def write_lines(text: str, stream: TextIO, longest: int | None = None) -> None:
    """Write an escaped message, wrapped if the stream is a terminal.

    Lines longer than `longest` characters are truncated.
    """
    shown = literal_lines(text, longest)
    width = terminal_width(stream)
    if width is not None and len(shown) >= width:
        shown = wrap(shown, width)
    stream.write(f"{shown}\n")


def terminal_width(stream: TextIO) -> int | None:
    """Return a terminal's width in columns; None for a file or a pipe."""
    if not stream.isatty():
        return None
    try:
        size = os.get_terminal_size(stream.fileno())
    except (ValueError, OSError):
        return shutil.get_terminal_size().columns
    return size.columns or shutil.get_terminal_size().columns


def wrap(text: str, width: int) -> str:
    """Break lines that are too wide between words; a wider word, such as a path, stays whole.

    Indentation is kept; a config's line and its caret are cropped instead.
    """
    lines = text.split("\n")
    wrapped: list[str] = []
    for number, line in enumerate(lines):
        if not _EXCERPT.match(line):
            wrapped += wrap_line(line, width)
        elif not line.endswith("^"):
            caret = lines[number + 1] if number + 1 < len(lines) else ""
            wrapped += _crop_excerpt(line, caret, width)
    return "\n".join(wrapped)


def wrap_line(line: str, width: int) -> list[str]:
    """Break a line between words, by its characters' width on a terminal."""
    from rich.cells import cell_len

    if cell_len(line) <= width:
        return [line]
    words = line.lstrip(" ")
    indent = " " * (len(line) - len(words))
    first, *rest = words.split(" ")
    parts = [f"{indent}{first}"]
    for word in rest:
        if cell_len(parts[-1]) + 1 + cell_len(word) <= width:
            parts[-1] += f" {word}"
        else:
            parts.append(f"{indent}{word}")
    return parts


def _crop_excerpt(line: str, caret: str, width: int) -> list[str]:
    gutter = _EXCERPT.match(line)
    start = gutter.end() if gutter else 0
    room = width - start - 1
    skipped = max(0, len(caret) - start - room)
    part = line[start + skipped :]
    if skipped:
        part = f"…{part[1:]}"
    if len(part) > room:
        part = f"{part[: room - 1]}…"
    return [f"{line[:start]}{part}", caret[:start] + caret[start + skipped :]]
