"""YAML text → plain data, with the position of each value.

Reads PyYAML's events instead of its nodes: what a config may not contain (aliases, anchors, merge
keys, tags) is refused before anything is expanded, so a small file never grows into a large one.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml

from nlptrain.config.problems import Document, FromFile, KeyPath, Mark, Problem
from nlptrain.config.scalars import Value, format_value, resolve_plain

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a UTF-16 pair, or a byte of the command line that is not UTF-8."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Event: TypeAlias = Any  # The stubs' Event lacks the attributes of its subclasses.
_MAX_DEPTH = 20
_START = "a config consists of keys such as `seed: 0`; for a template: nlptrain config copy rnn"
_QUOTE = """quote text that contains ': ' or ' #', or begins with one of []{}&*!|>%@`"'-,"""
_ONE_DOCUMENT = "delete the line that begins with --- or ... and everything below it"
_ESCAPE = """if it is intended, write its code in double quotes: "\\u0007\""""
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # YAML 1.1, 5.1
)
_INDENTING_TAB = re.compile(" *\t")


class _UnreadableError(Exception):
    """The text is not YAML, or not the kind of YAML that a config is."""

    def __init__(self, text: str, mark: Mark | None = None, *hints: str) -> None:
        super().__init__(text)
        origin = FromFile(mark, mark) if mark else None
        self.problem = Problem((), text, hints, origin=origin)


def read_document(text: str, name: str) -> Document:
    """Read a config file's text; minor faults become problems of the document.

    Raises:
        ConfigError: The text cannot be read at all.
    """
    document = Document(name, split_lines(text))
    try:
        reader = _Reader(text)
        data = reader.read()
        document.problems += reader.problems
        if data is None and not reader.problems:
            raise _UnreadableError("has no settings", None, _START)
        if not isinstance(data, dict):
            found = "a list" if isinstance(data, list) else "text without keys"
            raise _UnreadableError(f"{found} at the top level; expected keys", reader.top, _START)
        document.data, document.origins = data, dict(reader.origins)
    except _UnreadableError as failure:
        document.problems.append(failure.problem)
        raise document.error() from None
    return document


def read_value(text: str) -> tuple[Value, list[Problem]]:
    """Read the value of an override; returns its data, and what is wrong with it.

    Quotes and brackets are YAML; anything else is one unquoted scalar, whatever it contains.
    """
    if text[:1] not in ("[", "{", '"', "'"):
        return resolve_plain(text), []
    try:
        reader = _Reader(text)
        return reader.read(), reader.problems
    except _UnreadableError as failure:
        return None, [failure.problem]


class _Reader:
    """Builds the data of one text from its events, and records where each value is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.origins: dict[KeyPath, FromFile] = {}
        self.problems: list[Problem] = []
        self.top = Mark(1, 1)
        self._events: Iterator[_Event] = iter(())

    def read(self) -> Value:
        match = _UNPRINTABLE.search(self.text)
        if match:
            text = f"the character U+{ord(match.group()):04X} is not allowed in YAML"
            raise _UnreadableError(text, mark_at(self.text, match.start()), _ESCAPE)
        try:
            return self._document(_LOADER)
        except yaml.MarkedYAMLError as failure:
            # The C parser has a nesting limit of its own, and fails without giving the reason;
            # the Python parser gets as far as ours.
            if len(re.findall(r"[\[{]", self.text)) > _MAX_DEPTH:
                with contextlib.suppress(yaml.MarkedYAMLError):
                    _Reader(self.text)._document(yaml.SafeLoader)
            raise self._explain_syntax(failure) from None

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
            text = "a second document begins; a config is a single one"
            raise _UnreadableError(text, _mark(following), _ONE_DOCUMENT)
        return data

    def _value(self, event: _Event, path: KeyPath) -> Value:
        if len(path) > _MAX_DEPTH:
            raise _UnreadableError(f"nested deeper than {_MAX_DEPTH} levels", _mark(event))
        self._refuse_references(event, path)
        if isinstance(event, yaml.ScalarEvent):
            if LONE_SURROGATE.search(event.value):
                self._refuse(event, path, "half a surrogate pair is not a character")
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
            if key is not None and key in section:
                first = self.origins[*path, key].key
                text = f"is already set on line {first.line}"
                self._refuse(event, (*path, key), text, also=first)
                key = None
            if key is None:
                # Of a refused key, the value is skipped, and so are its problems.
                problems = len(self.problems)
                self._value(next(self._events), (*path, ""))
                del self.problems[problems:]
                continue
            value = next(self._events)
            # An empty value has no position of its own; its key's is used.
            has_position = value.start_mark.index < value.end_mark.index
            is_empty = not has_position and isinstance(value, yaml.ScalarEvent)
            self.origins[*path, key] = FromFile(_mark(event), _mark(event if is_empty else value))
            section[key] = self._value(value, (*path, key))
        return section

    def _key(self, event: _Event, path: KeyPath) -> str | None:
        """Read a key; None, and a problem, if it is not allowed."""
        problems = len(self.problems)
        value = self._value(event, path)
        below = (*path, value if isinstance(value, str) else format_value(value))
        is_plain = isinstance(event, yaml.ScalarEvent) and event.implicit[0]
        if is_plain and value == "<<":
            self._refuse(event, below, "merge keys (<<) are not supported", "write the keys out")
            return None
        if not isinstance(value, str) and len(self.problems) == problems:
            self._refuse(event, below, f"{format_value(value)} cannot be a key; keys are text")
        return value if isinstance(value, str) else None

    def _refuse_references(self, event: _Event, path: KeyPath) -> None:
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, path, f"aliases (*{anchor}) are not supported", "write it out")
        elif anchor is not None:
            self._refuse(event, path, f"anchors (&{anchor}) are not supported", "remove it")
        elif event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, path, f"tags ({tag}) are not supported", "remove it")

    def _refuse(
        self, event: _Event, path: KeyPath, text: str, *hints: str, also: Mark | None = None
    ) -> None:
        origin = FromFile(_mark(event), _mark(event))
        self.problems.append(Problem(path, text, hints, origin=origin, also=also))

    def _explain_syntax(self, failure: yaml.MarkedYAMLError) -> _UnreadableError:
        at, opening = failure.problem_mark, failure.context_mark
        if opening and at and at.index >= len(self.text.rstrip()):
            at = opening  # For an unclosed bracket or quote, the opening says more than the end.
        mark = Mark(at.line + 1, at.column + 1) if at else Mark(1, 1)
        if tab := self._tab_near(mark):
            return _UnreadableError("a tab character; YAML requires spaces here", tab)
        text = ", ".join(part for part in (failure.context, failure.problem) if part)
        return _UnreadableError(f"invalid YAML: {text}", mark, _QUOTE)

    def _tab_near(self, mark: Mark) -> Mark | None:
        """Find a tab at a mark, or one that indents its line or the line before."""
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
    """Split a text at YAML's line breaks."""
    return _LINE_BREAK.split(text)


def mark_at(text: str, index: int) -> Mark:
    """Return the line and column of a character."""
    before = split_lines(text[:index])
    return Mark(len(before), len(before[-1]) + 1)
