"""Type checks for dataclasses read from JSON, against their annotations.

A file may be damaged or malicious: a value of the wrong type is refused when it is read, not
wherever it would fail later.
"""

from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

MAX_INTEGER = 2**63 - 1
_MAX_WIDTH = 60


def check_types(value: Any) -> None:
    """Check every field of a dataclass, including those of nested dataclasses.

    Raises:
        ValueError: A field has a value of another type; names the first one.
    """
    owner: Any = type(value)
    for name, kind in _kinds_of(owner).items():
        entry = getattr(value, name)
        if not _fits(entry, kind):
            raise ValueError(f"{name} is {shorten_value(entry)}")
        if is_dataclass(entry):
            check_types(entry)


@cache
def _kinds_of(kind: Any) -> dict[str, Any]:
    """Resolve a dataclass's annotations, which takes longer than checking its values."""
    return get_type_hints(kind)


def shorten_value(value: object) -> str:
    """Format a value of any size and content to fit into a message."""
    if isinstance(value, list | tuple | Mapping):
        return f"a {type(value).__name__} of {len(value):,}"
    text = ascii(value[:_MAX_WIDTH] if isinstance(value, str) else value)
    return text if len(text) <= _MAX_WIDTH else f"{text[: _MAX_WIDTH - 1]}…"


def _fits(entry: object, kind: Any) -> bool:
    """Return whether a value is of a type; true and false are not numbers."""
    if kind is Any or kind is str:  # The most frequent cases, checked first for speed.
        return kind is Any or isinstance(entry, str)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(_fits(entry, part) for part in parts)
    if origin is Literal:
        return entry in parts and type(entry) is type(parts[0])
    if origin is tuple:
        return isinstance(entry, tuple) and _all_fit(entry, parts)
    if origin is list:
        return isinstance(entry, list) and all(_fits(part, parts[0]) for part in entry)
    if origin is dict:
        return isinstance(entry, dict) and all(
            _fits(key, parts[0]) and _fits(part, parts[1]) for key, part in entry.items()
        )
    if kind is int:
        return type(entry) is int and abs(entry) <= MAX_INTEGER
    if kind is float:
        return type(entry) is float or _fits(entry, int)
    return isinstance(entry, origin or kind)


def _all_fit(entries: tuple[object, ...], kinds: tuple[Any, ...]) -> bool:
    if kinds[-1:] == (...,):
        kinds = kinds[:1] * len(entries)
    return len(entries) == len(kinds) and all(map(_fits, entries, kinds))
