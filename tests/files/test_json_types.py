"""What a dataclass says, against what JSON may hold instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytest

from nlptrain.files.json_types import check_types, shorten_value


@dataclass(frozen=True)
class Inner:
    size: int = 1


@dataclass(frozen=True)
class Outer:
    name: str = "x"
    number: int = 1
    share: float = 0.5
    on: bool = True
    limit: int | None = None
    kind: Literal["a", "b"] = "a"
    sizes: tuple[int, ...] = (1, 2)
    pair: tuple[int | str, float] = ("x", 1)
    best: list[float] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    arrays: Mapping[str, Any] = field(default_factory=dict)
    inner: Inner = Inner()
    anything: Any = None


GOOD = [
    {},
    {"limit": 3},
    {"share": 1},
    {"sizes": ()},
    {"best": [1, float("nan")]},
    {"versions": {"a": "b"}},
    {"anything": [None, {}]},
]
BAD = [
    {"name": None},
    {"number": True},
    {"number": 1.0},
    {"number": 2**63},
    {"share": "0.5"},
    {"share": False},
    {"on": 1},
    {"limit": "3"},
    {"kind": "c"},
    {"sizes": (1, "2")},
    {"sizes": [1, 2]},
    {"pair": ("x",)},
    {"pair": ("x", "y")},
    {"best": [None]},
    {"versions": {"a": 1}},
    {"versions": []},
    {"arrays": []},
    {"inner": None},
]


@pytest.mark.parametrize("change", GOOD, ids=str)
def test_what_the_annotations_say_is_taken(change):
    check_types(replace(Outer(), **change))


@pytest.mark.parametrize("change", BAD, ids=str)
def test_anything_else_is_named(change):
    (name,) = change
    with pytest.raises(ValueError, match=f"^{name} is "):
        check_types(replace(Outer(), **change))


def test_dataclasses_inside_are_checked_too():
    with pytest.raises(ValueError, match=r"^size is 'x'$"):
        check_types(Outer(inner=Inner("x")))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.5, "1.5"),
        ("\x1b[31m", r"'\x1b[31m'"),
        (list(range(10**6)), "a list of 1,000,000"),
        ({"a": 1}, "a dict of 1"),
        ("\U0001f600" * 10**6, "…"),
    ],
)
def test_a_shown_value_is_short_and_harmless(value, shown):
    assert shorten_value(value).endswith(shown)
    assert len(shorten_value(value)) <= 60
    assert shorten_value(value).isprintable()
