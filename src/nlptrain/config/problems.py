"""Where a setting was said, what is wrong with it, and how both are shown to the user."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""The keys and list indices from the top of a config to a value."""

MOST_TOLD = 50
"""Problems that are told of one config; who has more than these has taken another file for one."""
_WIDTH = 100
_LONGEST_KEY = 60


@dataclass(frozen=True, order=True)
class Mark:
    """A position in a file: line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class FromFile:
    """A setting that stands in the config file.

    Attributes:
        key: Where its key begins.
        value: Where its value begins.
    """

    key: Mark
    value: Mark


@dataclass(frozen=True)
class FromOverride:
    """A setting that was given by --set.

    Attributes:
        text: The argument, `key.path=value`.
        path: Its keys.
        order: Its place among the overrides.
    """

    text: str
    path: KeyPath
    order: int


Origin = FromFile | FromOverride


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a config.

    Attributes:
        path: The setting at fault.
        text: What was found and why it cannot stand.
        hints: Lines that say what is allowed and what was probably meant.
        at_key: Whether the caret belongs under the key, not under the value.
        origin: Where it stands, if not where the settings at `path` were said.
        also: A second position to show.
    """

    path: KeyPath
    text: str
    hints: tuple[str, ...] = ()
    at_key: bool = False
    origin: Origin | None = None
    also: Mark | None = None


def dotted(path: Sequence[str | int]) -> str:
    """Write a path as `model.encoder.type`."""
    return ".".join(_show_key(str(part)) for part in path)


def _show_key(key: str) -> str:
    return (
        key if key.isprintable() and len(key) <= _LONGEST_KEY else _shorten(repr(key), _LONGEST_KEY)
    )


def report(
    problems: Sequence[Problem],
    name: str,
    lines: Sequence[str],
    origins: Mapping[KeyPath, Origin],
    omitted: int = 0,
) -> str:
    """Write all problems as one text, in the order of the file, overrides last.

    Args:
        problems: At least one problem.
        name: The file, as the user knows it.
        lines: The file's lines.
        origins: Where each setting was said.
        omitted: How many more there are, of which nothing else is known.
    """
    placed = sorted(
        ((problem, problem.origin or nearest(origins, problem.path)) for problem in problems),
        key=lambda pair: _order(*pair),
    )
    blocks = dict.fromkeys(_block(problem, origin, name, lines) for problem, origin in placed)
    total = len(blocks) + omitted
    count = "1 error" if total == 1 else f"{total} errors"
    if total > MOST_TOLD:
        count += f", the first {min(MOST_TOLD, len(blocks))} above,"
    return "\n".join(
        [*list(blocks)[:MOST_TOLD], f"{count} in {name}; all settings: nlptrain config reference"]
    )


def nearest(origins: Mapping[KeyPath, Origin], path: KeyPath) -> Origin | None:
    """Find where a setting, or else the nearest section around it, was said."""
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    return None


def _order(problem: Problem, origin: Origin | None) -> tuple[int, int, int]:
    if isinstance(origin, FromFile):
        mark = origin.key if problem.at_key else origin.value
        return (0, mark.line, mark.column)
    return (1, origin.order if origin else -1, 0)


def _block(problem: Problem, origin: Origin | None, name: str, lines: Sequence[str]) -> str:
    path = dotted(problem.path)
    excerpts = []
    if isinstance(origin, FromFile):
        mark = origin.key if problem.at_key else origin.value
        where = f"{name}:{mark.line}:{mark.column}"
        for shown in (problem.also, mark) if problem.also else (mark,):
            excerpts += _excerpt(lines, shown)
    elif isinstance(origin, FromOverride):
        where = f"--set {_shorten(origin.text)}"
        path = "" if problem.path == origin.path else path
    else:
        where = name
    head = ": ".join(part for part in (where, path, problem.text) if part)
    return "\n".join([head, *excerpts, *(f"  {hint}" for hint in problem.hints)])


def _excerpt(lines: Sequence[str], mark: Mark) -> list[str]:
    """Show a line with a caret under a column; of a long line, the part around it."""
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    start = max(0, mark.column - 1 - _WIDTH // 2) if len(line) > _WIDTH else 0
    part = line[start : start + _WIDTH]
    part = ("…" + part[1:] if start else part) + ("…" if len(line) > start + _WIDTH else "")
    before = part[: mark.column - 1 - start]
    gutter = f"  {mark.line} | "
    blank = " " * (len(gutter) - 2) + "| "
    padding = "".join(map(_blank, before))
    return [f"{gutter}{_harmless(part)}".rstrip(), f"{blank}{padding}^"]


def _blank(character: str) -> str:
    """Make white space as wide as a character is on a terminal."""
    if character == "\t":
        return "\t"
    if unicodedata.combining(character):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "


def _harmless(text: str) -> str:
    """Put � for each character that a terminal would obey or hide; tabs and spaces stay.

    Half characters stay too: what prints the message shows them as escapes.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        or character == "\t"
        or unicodedata.category(character) in ("Zs", "Cs")
        else "�"
        for character in text
    )


def _shorten(text: str, width: int = 80) -> str:
    text = _harmless(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def join_choices(words: Sequence[str], last: str = "or") -> str:
    """Write `a, b or c`."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
