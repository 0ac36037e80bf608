"""Text from the user, made safe to print: a label may contain control characters or markup."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

MAX_LINE = 4000
"""Characters of a line in a message, which may quote a label of some megabytes."""


def literal(text: str) -> str:
    r"""Escape what a terminal would obey or hide: `\x1b`, `\n`, `\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def literal_lines(text: str, longest: int | None = None) -> str:
    """Escape a message of several lines, and truncate lines longer than `longest`.

    Line ends, tabs and wide spaces are kept; a message may quote any file name or label.
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
    """Join names; of many, only the first few and the number of the others."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def shorten(text: str, longest: int) -> str:
    """Truncate a text that is too long to show, and add its length."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"


def _is_harmless(character: str) -> bool:
    return character.isprintable() or character == "\t" or unicodedata.category(character) == "Zs"


def to_json(value: Any, indent: int | None = None) -> str:
    r"""Format JSON that represents every string exactly and is safe to print.

    Control characters and lone surrogates become JSON escapes.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isprintable():
        return text
    # JSON escapes line feeds in strings, so the remaining ones belong to the indentation.
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in text
    )
