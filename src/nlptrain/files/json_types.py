"""Whether a dataclass that was read from JSON holds what its annotations say.

A file may be damaged, or made to do harm: a value of the wrong kind is refused where it is read,
not wherever it happens to trip later.
"""

from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

LARGEST_INTEGER = 2**63 - 1
_WIDTH = 60


def check_types(value: Any) -> None:
    """Check every field, those of dataclasses inside too.

    Args:
        value: A dataclass of plain values, tuples, mappings and dataclasses.

    Raises:
        ValueError: Naming the first field that holds something else.
    """
    owner: Any = type(value)
    for name, kind in _kinds_of(owner).items():
        entry = getattr(value, name)
        if not _fits(entry, kind):
            raise ValueError(f"{name} is {show(entry)}")
        if is_dataclass(entry):
            check_types(entry)


@cache
def _kinds_of(kind: Any) -> dict[str, Any]:
    """Resolve a dataclass's annotations, which takes longer than checking all its values."""
    return get_type_hints(kind)


def show(value: object) -> str:
    """Write a value of any size and content so that it fits into a message."""
    if isinstance(value, list | tuple | Mapping):
        return f"a {type(value).__name__} of {len(value):,}"
    text = ascii(value[:_WIDTH] if isinstance(value, str) else value)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _fits(entry: object, kind: Any) -> bool:
    """Return whether a value is of a kind; true and false are no numbers."""
    if kind is Any or kind is str:  # Most are: a thousand runs have a hundred values each.
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
        return type(entry) is int and abs(entry) <= LARGEST_INTEGER
    if kind is float:
        return type(entry) is float or _fits(entry, int)
    return isinstance(entry, origin or kind)


def _all_fit(entries: tuple[object, ...], kinds: tuple[Any, ...]) -> bool:
    if kinds[-1:] == (...,):
        kinds = kinds[:1] * len(entries)
    return len(entries) == len(kinds) and all(map(_fits, entries, kinds))
