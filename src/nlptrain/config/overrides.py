"""`--set key.path=value`: changes to a config's plain data before it is validated."""

import copy
import re
from collections.abc import Sequence
from typing import Any

from nlptrain.config.document import Document, read_value
from nlptrain.config.fields import child, trace
from nlptrain.config.problems import FromFile, FromOverride, KeyPath, Problem, dotted, join_choices
from nlptrain.config.scalars import Value, show
from nlptrain.config.yaml_builder import LONE_SURROGATE

_FORM = "write --set key.path=value, for example --set optimizer.learning_rate=0.01"
_INDEX = re.compile("[0-9]{1,9}")
_NO_LIST = "is no list in the config; give the whole list"


_SOURCES = (
    ("file", ("task", "sizes", "fresh", "evaluate_lengths")),
    ("task", ("file", "split", "folds")),
)
"""What of `data` another source replaces, with all that goes with the first alone."""


class MisplacedError(Exception):
    """An override leads to a place that the data does not have."""


def apply_overrides(document: Document, overrides: Sequence[str]) -> tuple[str, ...]:
    """Apply `key.path=value` arguments in order; what cannot be applied becomes a problem.

    `key=` sets null. A changed `type` drops the keys of its section that stand in the file and
    that the new type lacks.

    Returns:
        One note for each section that lost keys.
    """
    said_by_file = copy.deepcopy(document.data)
    for order, text in enumerate(overrides):
        _apply(document, text, order)
    sections = dict.fromkeys(
        path[:-1]
        for path, origin in document.origins.items()
        if isinstance(origin, FromOverride) and origin.path == path and path[-1] == "type"
    )
    notes = [_drop_foreign_keys(document, said_by_file, path) for path in sections]
    notes += [_replace_source(document, *each) for each in _SOURCES]
    return tuple(note for note in notes if note)


def _apply(document: Document, text: str, order: int) -> None:
    dotted_path, equals, value_text = text.partition("=")
    parts = [part.strip() for part in dotted_path.split(".")]
    if not equals or not all(parts) or LONE_SURROGATE.search(text):
        fault = "is not UTF-8" if LONE_SURROGATE.search(text) else "is not key.path=value"
        origin = FromOverride(text, (), order)
        document.problems.append(Problem((), fault, (_FORM,), origin=origin))
        return
    path = tuple(int(part) if _INDEX.fullmatch(part) else part for part in parts)
    origin = FromOverride(text, path, order)
    # A value of spaces only is meant: a delimiter may be one.
    value, problems = read_value(value_text.strip() or value_text)
    document.problems += [
        Problem(path, problem.text, problem.hints, origin=origin) for problem in problems
    ]
    try:
        _put(document, path, value, origin)
    except MisplacedError as failure:
        document.problems.append(Problem(path, str(failure), origin=origin))


def _put(document: Document, path: KeyPath, value: Value, origin: FromOverride) -> None:
    """Set one value, with the sections on the way to it."""
    container: Any = document.data
    for depth, part in enumerate(path[:-1], start=1):
        _check_entry(container, path[: depth - 1], part)
        below = child(container, part)
        if below is None:
            if isinstance(path[depth], int):
                raise MisplacedError(f"{dotted(path[:depth])} {_NO_LIST}")
            below = container[part] = {}
            document.origins[path[:depth]] = origin
        container = below
    _check_entry(container, path[:-1], path[-1])
    container[path[-1]] = value
    for key in [key for key in document.origins if key[: len(path)] == path]:
        del document.origins[key]
    document.origins[path] = origin


def _check_entry(container: object, path: KeyPath, part: str | int) -> None:
    """Refuse an entry that its container cannot have: a key of a number, an index of a section."""
    where = dotted(path) or "the top"
    if isinstance(container, list):
        if not isinstance(part, int) or part >= len(container):
            raise MisplacedError(f"{where} is a list with the entries 0 to {len(container) - 1}")
    elif not isinstance(container, dict):
        raise MisplacedError(f"{where} is {show(container)}, not a section")
    elif isinstance(part, int):
        raise MisplacedError(f"{where} {_NO_LIST}")


def _replace_source(document: Document, wanted: str, others: Sequence[str]) -> str:
    """Drop what the file says of another source than that of the overrides; say what."""
    data = document.data.get("data")
    is_wanted = any(
        isinstance(origin, FromOverride) and path[:2] == ("data", wanted)
        for path, origin in document.origins.items()
    )
    if not is_wanted or not isinstance(data, dict) or data.get(wanted) is None:
        return ""
    said = document.origins
    gone = [key for key in others if isinstance(said.get(("data", key)), FromFile) and key in data]
    for key in gone:
        del data[key]
    names = join_choices([f"data.{key}" for key in gone], "and")
    return f"{names} from the file: dropped, data.{wanted} takes the place" if gone else ""


def _drop_foreign_keys(document: Document, said_by_file: object, path: KeyPath) -> str:
    """Drop the file's keys that belong to the old type alone; say which."""
    old, new = trace(said_by_file, path), trace(document.data, path)
    if old is None or new is None or old.section is None or new.section is None:
        return ""
    section: Any = document.data
    for part in path:
        section = child(section, part)
    foreign = [
        key
        for key in section
        if isinstance(document.origins.get((*path, key)), FromFile)
        and key in old.section.model_fields
        and key not in new.section.model_fields
    ]
    if not foreign:
        return ""
    for key in foreign:
        del section[key]
    kind = new.section.model_fields["type"].default
    gone = join_choices([dotted((*path, key)) for key in foreign], "and")
    return f"{gone} from the file: dropped, {kind} has no such setting"
