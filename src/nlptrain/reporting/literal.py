"""Text of the user's, made safe to show: a label may hold control characters or markup."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

LONGEST_LINE = 4000
"""Characters of a message's line: it may quote a label of some megabytes."""


def literal(text: str) -> str:
    r"""Show what a terminal would obey or hide as an escape: `\x1b`, `\n`, `\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def literal_lines(text: str, longest: int | None = None) -> str:
    """Show a message of several lines: line ends, tabs and wide spaces stay, all else is escaped.

    Messages quote names of files and labels, whoever gave them.

    Args:
        text: The message.
        longest: Characters after which a line is cut; None: never.
    """
    if longest is not None and len(text) > longest:
        text = "\n".join(shorten(line, longest) for line in text.split("\n"))
    if text.isprintable():
        return text
    return "".join(
        character if _is_harmless(character) or character == "\n" else literal(character)
        for character in text
    )


def list_some(names: Sequence[str], most: int = 20) -> str:
    """Join names, of many the first few, and say how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def shorten(text: str, longest: int) -> str:
    """Cut what is too long to show, and say how long it is."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"


def _is_harmless(character: str) -> bool:
    """Return whether a terminal only shows a character: it is printable, a tab or any space."""
    return character.isprintable() or character == "\t" or unicodedata.category(character) == "Zs"


def to_json(value: Any, indent: int | None = None) -> str:
    r"""Write JSON that holds every string exactly, and nothing that a terminal would obey.

    Half characters, which no encoding can hold, become JSON's own escapes too.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isprintable():
        return text
    # JSON escapes line feeds in strings, so those that are left are the indentation's.
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in text
    )
