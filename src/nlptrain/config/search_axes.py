"""What a search varies: `search.space`, one axis a setting."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from nlptrain.settings.section import refuse

Number = int | float

SEARCHED = ("text", "model", "optimizer", "training")
"""Sections whose settings may be searched."""

_RANGE_KEYS = ("from", "to", "log", "step")
_POINT_FORM = "write for each trial the values by path: [{training.batch_size: 64}]"
_FORM = "write {from: 16, to: 256}, with log: true or a step, or a list of values"


@dataclass(frozen=True)
class Span:
    """A setting searched between two numbers.

    Attributes:
        path: The setting, such as `optimizer.learning_rate`.
        low: The smallest value.
        high: The largest value.
        log: Whether to search on a logarithmic scale.
        step: Distance between two values; None: any value.
    """

    path: str
    low: Number
    high: Number
    log: bool = False
    step: Number | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it as in a config."""
        return {"from": self.low, "to": self.high, "log": self.log, "step": self.step}

    def holds(self, value: object) -> bool:
        """Return whether it may take a value."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        steps = 0.0 if self.step is None else (value - self.low) / self.step
        return self.low <= value <= self.high and math.isclose(steps, round(steps), abs_tol=1e-9)

    def list_values(self) -> list[Any]:
        """List every value of a span with a step, or of one of whole numbers."""
        step = 1 if self.step is None else self.step
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        return [self.low + place * step for place in range(count)]


@dataclass(frozen=True)
class Choices:
    """A setting searched among some values.

    Attributes:
        path: The setting.
        texts: The values as JSON, so that lists are compared and kept like words.
    """

    path: str
    texts: tuple[str, ...]

    def to_json(self) -> list[Any]:
        """Write it as in a config."""
        return self.list_values()

    def holds(self, value: object) -> bool:
        """Return whether it may take a value."""
        return json.dumps(value) in self.texts

    def list_values(self) -> list[Any]:
        """List the values."""
        return [json.loads(text) for text in self.texts]


Axis = Span | Choices
"""One searched setting."""


def _read_space(value: object) -> tuple[Axis, ...]:
    if isinstance(value, tuple):  # The default, or a space that was read before.
        return value
    if not isinstance(value, Mapping):
        raise refuse((), f"is not a section; below it, for each setting by its path: {_FORM}")
    return tuple(_read_axis(str(path), entry) for path, entry in value.items())


def _read_axis(path: str, entry: object) -> Axis:
    if path.partition(".")[0] not in SEARCHED:
        raise refuse(
            (path,),
            "cannot be searched: all trials see the same data, and are judged alike; allowed: what "
            f"is in {', '.join(SEARCHED)}",
        )
    if isinstance(entry, Mapping):
        return _read_span(path, entry)
    if not isinstance(entry, list | tuple) or not entry:
        raise refuse((path,), f"is neither a range nor a list of values; {_FORM}")
    texts = tuple(map(json.dumps, entry))
    for place, text in enumerate(texts):
        if text in texts[:place]:
            raise refuse((path, place), f"{text} stands there twice; leave one out")
    return Choices(path, texts)


def _read_span(path: str, entry: Mapping[str, Any]) -> Span:
    for key in entry:
        if key not in _RANGE_KEYS:
            raise refuse((path, key), f"unknown key; allowed: {', '.join(_RANGE_KEYS)}")
    for key in ("from", "to"):
        if key not in entry:
            raise refuse((path,), f"has no {key!r}; {_FORM}")
        _check_number(path, key, entry[key])
    span = Span(path, entry["from"], entry["to"], entry.get("log", False), entry.get("step"))
    _check_span(span)
    return span


def _check_span(span: Span) -> None:
    path, low, high, log, step = span.path, span.low, span.high, span.log, span.step
    if low >= high:
        raise refuse((path, "to"), f"{high} is not greater than from, {low}")
    if not isinstance(log, bool):
        raise refuse((path, "log"), f"{log!r} is not true or false")
    if log and low <= 0:
        raise refuse((path, "from"), f"{low} has no logarithm; begin above 0, or remove log")
    if step is not None:
        _check_number(path, "step", step)
        if not 0 < step <= high - low:
            raise refuse((path, "step"), f"{step} is not between 0 and {high - low}")
        if log:
            raise refuse((path, "step"), "excludes log: true; remove one of the two")


def _check_number(path: str, key: str, value: object) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
        raise refuse((path, key), f"{value!r} is not a number")


_NUMBER = {"type": "number"}
_RANGE_SCHEMA = {
    "type": "object",
    "properties": {
        "from": _NUMBER,
        "to": _NUMBER,
        "log": {"type": "boolean"},
        "step": {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]},
    },
    "required": ["from", "to"],
    "additionalProperties": False,
}
_SPACE_SCHEMA = {
    "type": "object",
    "additionalProperties": {"anyOf": [{"type": "array", "minItems": 1}, _RANGE_SCHEMA]},
}
Space = Annotated[
    tuple[Axis, ...],
    PlainValidator(_read_space),
    PlainSerializer(lambda space: {axis.path: axis.to_json() for axis in space}),
    WithJsonSchema(_SPACE_SCHEMA),
]


@dataclass(frozen=True)
class Point:
    """Values of some searched settings.

    Attributes:
        text: The values by path, as JSON.
    """

    text: str

    @property
    def values(self) -> dict[str, Any]:
        """The values by path."""
        values: dict[str, Any] = json.loads(self.text)
        return values


def _read_points(value: object) -> tuple[Point, ...]:
    if not isinstance(value, list | tuple):
        raise refuse((), f"is not a list; {_POINT_FORM}")
    return tuple(_read_point(place, entry) for place, entry in enumerate(value))


def _read_point(place: int, entry: object) -> Point:
    if isinstance(entry, Point):
        return entry
    if not isinstance(entry, Mapping):
        raise refuse((place,), f"is not a section; {_POINT_FORM}")
    return Point(json.dumps(dict(entry)))


Points = Annotated[
    tuple[Point, ...],
    PlainValidator(_read_points),
    PlainSerializer(lambda points: [point.values for point in points]),
    WithJsonSchema({"type": "array", "items": {"type": "object"}}),
]
"""Values by path, a list of them, as `search.try_first` takes it."""
