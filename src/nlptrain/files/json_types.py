"""Type checks for dataclasses read from JSON, against their annotations.

A file may be damaged or malicious: a value of the wrong type is refused when it is read, not
wherever it would fail later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache, partial
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Check = Callable[[object], bool]

MAX_INTEGER = 2**63 - 1
_MAX_WIDTH = 60


def check_types(value: Any) -> None:
    """Check every field of a dataclass, including those of nested dataclasses.

    Raises:
        ValueError: A field has a value of another type; names the first one.
    """
    owner: Any = type(value)
    for name, fits in _checks_of(owner):
        entry = getattr(value, name)
        if not fits(entry):
            raise ValueError(f"{name} is {shorten_value(entry)}")
        if is_dataclass(entry):
            check_types(entry)


@cache
def _checks_of(owner: Any) -> list[tuple[str, Check]]:
    """List a dataclass's fields with their checks; resolving annotations is slow."""
    return [(name, _check_for(kind)) for name, kind in get_type_hints(owner).items()]


def shorten_value(value: object) -> str:
    """Format a value of any size and content to fit into a message."""
    if isinstance(value, list | tuple | Mapping):
        return f"a {type(value).__name__} of {len(value):,}"
    text = ascii(value[:_MAX_WIDTH] if isinstance(value, str) else value)
    return text if len(text) <= _MAX_WIDTH else f"{text[: _MAX_WIDTH - 1]}…"


def _check_for(kind: Any) -> Check:
    """Return the function that tells whether a value is of a type; true is not a number."""
    origin = get_origin(kind)
    parts = get_args(kind)
    checks = [] if origin is Literal else [_check_for(part) for part in parts if part is not ...]
    if kind is Any:
        return lambda _: True
    if origin in (Union, UnionType):
        return lambda entry: any(fits(entry) for fits in checks)
    if origin is Literal:
        return lambda entry: type(entry) is type(parts[0]) and entry in parts
    if origin is tuple:
        return partial(_fits_tuple, checks=checks, repeats=parts[-1:] == (...,))
    if origin is list:
        return lambda entry: isinstance(entry, list) and all(map(checks[0], entry))
    if origin is dict:
        return lambda entry: (
            isinstance(entry, dict)
            and all(map(checks[0], entry))
            and all(map(checks[1], entry.values()))
        )
    if kind is int:
        return lambda entry: type(entry) is int and abs(entry) <= MAX_INTEGER
    if kind is float:
        return lambda entry: (
            type(entry) is float or (type(entry) is int and abs(entry) <= MAX_INTEGER)
        )
    return lambda entry: isinstance(entry, origin or kind)


def _fits_tuple(entry: object, checks: Sequence[Check], *, repeats: bool) -> bool:
    if not isinstance(entry, tuple):
        return False
    own = list(checks) * len(entry) if repeats else checks
    return len(own) == len(entry) and all(fits(part) for fits, part in zip(own, entry, strict=True))
