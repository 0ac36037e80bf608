"""What is wrong with a config, where each setting was given, and the error message for both."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nlptrain.config.scalars import Value
from nlptrain.errors import ConfigError

KeyPath = tuple[str | int, ...]
"""The keys and list indices from the top level of a config to a value."""

MAX_PROBLEMS = 50
"""Problems shown for one config; a file with more is probably no config at all."""
_MAX_LINE = 100
_MAX_OVERRIDE = 80
_MAX_KEY = 60


@dataclass(frozen=True, order=True)
class Mark:
    """A position in a file: line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class FromFile:
    """A setting in the config file: where its key and its value begin."""

    key: Mark
    value: Mark


@dataclass(frozen=True)
class FromOverride:
    """A setting given by --set: the argument, its keys, its position among the overrides.

    `option` is the option's name where it is another one.
    """

    text: str
    path: KeyPath
    order: int
    option: str = "--set"


Origin = FromFile | FromOverride


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a config.

    Attributes:
        path: The setting at fault.
        text: What was found, and why it is refused.
        hints: Lines with the allowed values and what was probably meant.
        at_key: Whether the caret belongs below the key, not below the value.
        origin: Where the problem is, if not where the setting at `path` was given.
        also: A second position to show.
    """

    path: KeyPath
    text: str
    hints: tuple[str, ...] = ()
    at_key: bool = False
    origin: Origin | None = None
    also: Mark | None = None


@dataclass
class Document:
    """A config on its way from text to a RunConfig.

    Attributes:
        name: The file, as the user knows it.
        lines: Its lines.
        data: Its content: sections, lists, text, numbers, booleans and null.
        origins: Where each setting was given.
        problems: Everything found wrong so far.
        omitted: How many more problems there are.
    """

    name: str
    lines: list[str]
    data: dict[str, Value] = field(default_factory=dict)
    origins: dict[KeyPath, Origin] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    omitted: int = 0

    def find_origin(self, path: KeyPath) -> Origin | None:
        """Find where a setting was given, or else the nearest section around it."""
        paths = (path[:length] for length in range(len(path), 0, -1))
        return next((self.origins[each] for each in paths if each in self.origins), None)

    def error(self) -> ConfigError:
        """Combine all problems into one error, in the order of the file, overrides last."""
        placed = [(each, each.origin or self.find_origin(each.path)) for each in self.problems]
        placed.sort(key=lambda pair: _sort_key(*pair))
        blocks = dict.fromkeys("\n".join(self._describe(*pair)) for pair in placed)
        total = len(blocks) + self.omitted
        count = "1 error" if total == 1 else f"{total} errors"
        more = f", the first {min(MAX_PROBLEMS, len(blocks))} shown above"
        of_file = any(not isinstance(origin, FromOverride) for _, origin in placed)
        summary = count + f" in {self.name}" * of_file + more * (total > MAX_PROBLEMS)
        summary += "; all settings: nlptrain config reference"
        return ConfigError("\n".join([*list(blocks)[:MAX_PROBLEMS], summary]))

    def _describe(self, problem: Problem, origin: Origin | None) -> Iterator[str]:
        where, path, marks = self.name, dotted(problem.path), list[Mark]()
        if isinstance(origin, FromFile):
            mark = origin.key if problem.at_key else origin.value
            where += f":{mark.line}:{mark.column}"
            marks = [problem.also, mark] if problem.also else [mark]
        elif isinstance(origin, FromOverride):
            where = f"{origin.option} {_shorten(origin.text, _MAX_OVERRIDE)}"
            path = "" if problem.path == origin.path else path
        yield ": ".join(part for part in (where, path, problem.text) if part)
        for mark in marks:
            yield from _excerpt(self.lines, mark)
        yield from (f"  {hint}" for hint in problem.hints)


def dotted(path: Sequence[str | int]) -> str:
    """Join a path as `model.encoder.type`."""
    keys = map(str, path)
    return ".".join(
        key if key.isprintable() and len(key) <= _MAX_KEY else _shorten(repr(key), _MAX_KEY)
        for key in keys
    )


def join_choices(words: Sequence[str], last: str = "or") -> str:
    """Join words as `a, b or c`."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _sort_key(problem: Problem, origin: Origin | None) -> tuple[int, int, int]:
    if isinstance(origin, FromFile):
        mark = origin.key if problem.at_key else origin.value
        return (0, mark.line, mark.column)
    return (1, origin.order if origin else -1, 0)


def _excerpt(lines: Sequence[str], mark: Mark) -> list[str]:
    """Show a line with a caret below a column; of a long line, only the part around it."""
    from rich.cells import cell_len

    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    start = max(0, mark.column - 1 - _MAX_LINE // 2) if len(line) > _MAX_LINE else 0
    part = line[start : start + _MAX_LINE]
    part = ("…" + part[1:] if start else part) + ("…" if len(line) > start + _MAX_LINE else "")
    before = part[: mark.column - 1 - start]
    gutter = f"  {mark.line} | "
    blank = " " * (len(gutter) - 2) + "| "
    padding = "".join("\t" if each == "\t" else " " * cell_len(each) for each in before)
    return [f"{gutter}{_replace_controls(part)}".rstrip(), f"{blank}{padding}^"]


def _replace_controls(text: str) -> str:
    """Replace each character that a terminal would obey or hide by �; tabs and spaces stay.

    Surrogates stay too: they are escaped when the message is printed.
    """
    if text.isprintable():
        return text
    return "".join(
        each
        if each.isprintable() or each == "\t" or unicodedata.category(each) in ("Zs", "Cs")
        else "�"
        for each in text
    )


def _shorten(text: str, width: int) -> str:
    text = _replace_controls(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"
