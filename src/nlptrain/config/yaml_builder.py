"""YAML text → plain data, and where each value stands.

Reads PyYAML's events and not its nodes: what this tool refuses (aliases, anchors, merge keys, tags)
is refused before anything is expanded, so a small file can never grow into a large one.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml

from nlptrain.config.problems import FromFile, KeyPath, Mark, Problem
from nlptrain.config.scalars import Value, resolve_plain, show

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BRACKET = re.compile(r"[\[{]")
_Event: TypeAlias = Any  # The stubs' Event lacks what each of its kinds holds.
_DEEPEST = 20
_QUOTE = """text that holds ': ' or ' #', or begins with one of []{}&*!|>%@`"'-, goes in quotes"""
_ONE = "take out the line that begins with --- or ... and all below"
_UNPRINTABLE_HINT = """where it is meant, write its number in double quotes: "\\u0007\""""
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # YAML 1.1, 5.1
)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character of UTF-16, or a byte of the command line that is no UTF-8."""
_INDENTING_TAB = re.compile(" *\t")


class UnreadableError(Exception):
    """The text is not YAML, or not a config's kind of YAML."""

    def __init__(self, text: str, mark: Mark | None = None, *hints: str) -> None:
        super().__init__(text)
        origin = FromFile(mark, mark) if mark else None
        self.problem = Problem((), text, hints, origin=origin)


class Builder:
    """Builds data from one document's events, and notes where each value stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.origins: dict[KeyPath, FromFile] = {}
        self.problems: list[Problem] = []
        self.top = Mark(1, 1)
        self._events: Iterator[_Event] = iter(())

    def build(self) -> Value:
        """Build the whole text's data.

        Raises:
            UnreadableError: The text is no YAML.
        """
        self._refuse_unprintable()
        try:
            return self._document(_LOADER)
        except yaml.MarkedYAMLError as failure:
            self._refuse_depth()
            raise self._explain_syntax(failure) from None

    def _refuse_depth(self) -> None:
        """Report that brackets are nested too deep, where that is why a parser failed.

        The C parser reads a line's brackets ahead, and has a limit of its own; the other does not.
        """
        if len(_BRACKET.findall(self.text)) > _DEEPEST:
            with contextlib.suppress(yaml.MarkedYAMLError):
                Builder(self.text)._document(yaml.SafeLoader)

    def _document(self, loader: Any) -> Value:
        self._events = yaml.parse(self.text, Loader=loader)
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        first = next(self._events)
        self.top = _mark(first)
        data = self._value(first, ())
        next(self._events)
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise UnreadableError(
                "a second document begins; a config is one", _mark(following), _ONE
            )
        return data

    def _value(self, event: _Event, path: KeyPath) -> Value:
        if len(path) > _DEEPEST:
            raise UnreadableError(f"nested deeper than {_DEEPEST} levels", _mark(event))
        self._refuse_references(event, path)
        if isinstance(event, yaml.ScalarEvent):
            if LONE_SURROGATE.search(event.value):
                self._refuse(event, path, "half a surrogate pair is no character")
            return resolve_plain(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return self._section(path) if isinstance(event, yaml.MappingStartEvent) else None

    def _list(self, path: KeyPath) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            below = (*path, len(items))
            self.origins[below] = FromFile(_mark(event), _mark(event))
            items.append(self._value(event, below))
        return items

    def _section(self, path: KeyPath) -> dict[str, Value]:
        section: dict[str, Value] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            if key is None:
                self._skip_value(path)
                continue
            below = (*path, key)
            if key in section:
                first = self.origins[below].key
                text = f"is already set in line {first.line}"
                self._refuse(event, below, text, also=first)
                self._skip_value(path)
                continue
            value = next(self._events)
            # An empty value has no place of its own: its key's serves.
            has_place = value.start_mark.index < value.end_mark.index
            is_empty = not has_place and isinstance(value, yaml.ScalarEvent)
            self.origins[below] = FromFile(_mark(event), _mark(event if is_empty else value))
            section[key] = self._value(value, below)
        return section

    def _key(self, event: _Event, path: KeyPath) -> str | None:
        """Read a key; None, and a problem, for one that no section can have."""
        problems = len(self.problems)
        value = self._value(event, path)
        below = (*path, value if isinstance(value, str) else show(value))
        is_plain = isinstance(event, yaml.ScalarEvent) and event.implicit[0]
        if is_plain and value == "<<":
            self._refuse(event, below, "merge keys (<<) are not supported", "write the keys out")
            return None
        if not isinstance(value, str) and len(self.problems) == problems:
            self._refuse(event, below, f"{show(value)} cannot be a key: keys are text")
        return value if isinstance(value, str) else None

    def _skip_value(self, path: KeyPath) -> None:
        """Pass over the value of a refused or repeated key, whatever it holds."""
        problems = len(self.problems)
        self._value(next(self._events), (*path, ""))
        del self.problems[problems:]

    def _refuse_references(self, event: _Event, path: KeyPath) -> None:
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, path, f"aliases (*{anchor}) are not supported", "write it out")
        elif anchor is not None:
            self._refuse(event, path, f"anchors (&{anchor}) are not supported", "leave it out")
        elif event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, path, f"tags ({tag}) are not supported", "leave it out")

    def _refuse(
        self, event: _Event, path: KeyPath, text: str, *hints: str, also: Mark | None = None
    ) -> None:
        origin = FromFile(_mark(event), _mark(event))
        self.problems.append(Problem(path, text, hints, origin=origin, also=also))

    def _refuse_unprintable(self) -> None:
        match = _UNPRINTABLE.search(self.text)
        if match:
            code = f"U+{ord(match.group()):04X}"
            mark = mark_at(self.text, match.start())
            raise UnreadableError(
                f"the character {code} is not allowed in YAML", mark, _UNPRINTABLE_HINT
            )

    def _explain_syntax(self, failure: yaml.MarkedYAMLError) -> UnreadableError:
        at, opening = failure.problem_mark, failure.context_mark
        if opening and at and at.index >= len(self.text.rstrip()):
            at = opening  # What was never closed: where it opens says more than the file's end.
        mark = Mark(at.line + 1, at.column + 1) if at else Mark(1, 1)
        tab = self._tab_near(mark)
        if tab:
            return UnreadableError("a tab; YAML takes spaces here", tab)
        text = ", ".join(part for part in (failure.context, failure.problem) if part)
        return UnreadableError(f"no valid YAML: {text}", mark, _QUOTE)

    def _tab_near(self, mark: Mark) -> Mark | None:
        """Find the tab at a mark, or the one that indents its line or the line before."""
        lines = split_lines(self.text)
        for line in (mark.line - 1, mark.line):
            tab = _INDENTING_TAB.match(lines[line - 1]) if 0 < line <= len(lines) else None
            if tab:
                return Mark(line, tab.end())
        here = lines[mark.line - 1] if mark.line <= len(lines) else ""
        return mark if here[mark.column - 1 : mark.column] == "\t" else None


def _mark(event: _Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def split_lines(text: str) -> list[str]:
    """Split a text where YAML counts lines."""
    return _LINE_BREAK.split(text)


def mark_at(text: str, index: int) -> Mark:
    """Return the line and column of a character."""
    before = split_lines(text[:index])
    return Mark(len(before), len(before[-1]) + 1)
