"""Text of the user's, made safe to show: a label may hold control characters or markup."""

import json
import unicodedata
from typing import Any


def literal(text: str) -> str:
    r"""Show what a terminal would obey or hide as an escape: `\x1b`, `\n`, `\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def literal_lines(text: str) -> str:
    """Show a message of several lines: line ends, tabs and wide spaces stay, all else is escaped.

    Messages quote names of files and labels, whoever gave them.
    """
    if text.isprintable():
        return text
    return "".join(
        character if _is_harmless(character) or character == "\n" else literal(character)
        for character in text
    )


def _is_harmless(character: str) -> bool:
    """Tell whether a terminal only shows a character: it is printable, a tab or any space."""
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
