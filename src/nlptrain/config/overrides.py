"""Changes to a config's plain data before it is validated: `--set key.path=value`, or values."""

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nlptrain.config.fields import child, resolve_path
from nlptrain.config.problems import Document, FromOverride, KeyPath, Problem, dotted, join_choices
from nlptrain.config.scalars import Value, format_value
from nlptrain.config.yaml_reader import LONE_SURROGATE, read_value

_FORM = "write --set key.path=value, for example --set optimizer.learning_rate=0.01"
_INDEX = re.compile("[0-9]{1,9}")
_NOT_A_LIST = "is not a list in the config; set the whole list"

_SOURCES = (
    ("file", ("task", "sizes", "fresh", "evaluate_lengths")),
    ("task", ("file", "split", "folds")),
)
"""Each source in `data`, and the keys that it replaces: the other source and its settings."""


class _MisplacedError(Exception):
    """The path of an override does not exist in the data."""


def apply_overrides(document: Document, overrides: Sequence[str]) -> tuple[str, ...]:
    """Apply `key.path=value` arguments in order; what cannot be applied becomes a problem.

    `key=` sets null. A changed `type` drops those of the file's keys that the new type lacks.

    Returns:
        One note per section that lost keys.
    """
    from_file = copy.deepcopy(document.data)
    for order, text in enumerate(overrides):
        _apply(document, text, order)
    return _drop_replaced(document, from_file)


def apply_settings(document: Document, settings: Mapping[KeyPath, Value]) -> tuple[str, ...]:
    """Apply values given in Python, in order; otherwise as `apply_overrides`.

    Args:
        document: The config; the settings are named in its messages as Python's arguments.
        settings: Values by the keys that lead to them.
    """
    from_file = copy.deepcopy(document.data)
    for order, (path, value) in enumerate(settings.items()):
        text = f"{'__'.join(map(str, path))}={value!r}"
        _try_to_put(document, value, FromOverride(text, path, order, option="argument"))
    return _drop_replaced(document, from_file)


def to_path(keys: Sequence[str]) -> KeyPath:
    """Convert the keys of a path; those of digits alone are places in a list."""
    return tuple(int(key) if _INDEX.fullmatch(key) else key for key in keys)


def _drop_replaced(document: Document, from_file: object) -> tuple[str, ...]:
    """Drop what other kinds and another source of examples leave without meaning; return notes."""
    sections = dict.fromkeys(
        path[:-1]
        for path, origin in document.origins.items()
        if isinstance(origin, FromOverride) and origin.path == path and path[-1] == "type"
    )
    notes = [_drop_foreign_keys(document, from_file, path) for path in sections]
    notes += [_replace_source(document, *each) for each in _SOURCES]
    return tuple(note for note in notes if note)


def _apply(document: Document, text: str, order: int) -> None:
    dotted_path, equals, value_text = text.partition("=")
    parts = [part.strip() for part in dotted_path.split(".")]
    if not equals or not all(parts) or LONE_SURROGATE.search(text):
        fault = "is not valid UTF-8" if LONE_SURROGATE.search(text) else "is not key.path=value"
        origin = FromOverride(text, (), order)
        document.problems.append(Problem((), fault, (_FORM,), origin=origin))
        return
    path = to_path(parts)
    origin = FromOverride(text, path, order)
    # A value of spaces alone is kept: it may be a delimiter.
    value, problems = read_value(value_text.strip() or value_text)
    document.problems += [
        Problem(path, problem.text, problem.hints, origin=origin) for problem in problems
    ]
    _try_to_put(document, value, origin)


def _try_to_put(document: Document, value: Value, origin: FromOverride) -> None:
    try:
        _put(document, origin.path, value, origin)
    except _MisplacedError as failure:
        document.problems.append(Problem(origin.path, str(failure), origin=origin))


def _put(document: Document, path: KeyPath, value: Value, origin: FromOverride) -> None:
    """Set one value, and create the sections that lead to it."""
    container: Any = document.data
    for depth, part in enumerate(path[:-1], start=1):
        _check_entry(container, path[: depth - 1], part)
        below = child(container, part)
        if below is None:
            if isinstance(path[depth], int):
                raise _MisplacedError(f"{dotted(path[:depth])} {_NOT_A_LIST}")
            below = container[part] = {}
            document.origins[path[:depth]] = origin
        container = below
    _check_entry(container, path[:-1], path[-1])
    container[path[-1]] = value
    for key in [key for key in document.origins if key[: len(path)] == path]:
        del document.origins[key]
    document.origins[path] = origin


def _check_entry(container: object, path: KeyPath, part: str | int) -> None:
    where = dotted(path) or "the top level"
    if isinstance(container, list):
        if not isinstance(part, int) or part >= len(container):
            raise _MisplacedError(f"{where} is a list with entries 0 to {len(container) - 1}")
    elif not isinstance(container, dict):
        raise _MisplacedError(f"{where} is {format_value(container)}, not a section")
    elif isinstance(part, int):
        raise _MisplacedError(f"{where} {_NOT_A_LIST}")


def _replace_source(document: Document, source: str, replaced: Sequence[str]) -> str:
    """Drop the file's source of examples if an override sets another one; return a note."""
    data, origins = document.data.get("data"), document.origins
    is_set = any(
        isinstance(origin, FromOverride) and path[:2] == ("data", source)
        for path, origin in origins.items()
    )
    if not is_set or not isinstance(data, dict) or data.get(source) is None:
        return ""
    dropped = [key for key in replaced if key in data]
    dropped = [key for key in dropped if _is_original(document, ("data", key))]
    for key in dropped:
        del data[key]
    return _note_dropped(("data",), dropped, f"replaced by data.{source}")


def _drop_foreign_keys(document: Document, from_file: object, path: KeyPath) -> str:
    """Drop the file's keys that only the old type of a section has; return a note."""
    old, new = resolve_path(from_file, path), resolve_path(document.data, path)
    if old is None or new is None or old.section is None or new.section is None:
        return ""
    section: Any = document.data
    for part in path:
        section = child(section, part)
    foreign = [
        key
        for key in section
        if _is_original(document, (*path, key))
        and key in old.section.model_fields
        and key not in new.section.model_fields
    ]
    for key in foreign:
        del section[key]
    kind = new.section.model_fields["type"].default if foreign else ""
    return _note_dropped(path, foreign, f"{kind} has no such setting")


def _is_original(document: Document, path: KeyPath) -> bool:
    """Return whether a setting is the config's own: of its file, or of a dict without places."""
    return not isinstance(document.find_origin(path), FromOverride)


def _note_dropped(path: KeyPath, keys: Sequence[str], reason: str) -> str:
    names = join_choices([dotted((*path, key)) for key in keys], "and")
    return f"{names} from the file ignored: {reason}" if keys else ""
