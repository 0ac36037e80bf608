"""In which settings two configs differ, and both values: a run goes on only with its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nlptrain.config.run import RunConfig
from nlptrain.config.scalars import show

WIDTH = 200
"""Characters of a value in a message: a path fits."""


@dataclass(frozen=True)
class Difference:
    """A setting that two configs have differently.

    Attributes:
        path: Its dotted keys.
        before: Its value in the first config, as plain data.
        after: Its value in the second.
    """

    path: str
    before: Any
    after: Any

    def describe_change(self) -> str:
        """Describe what became of it."""
        return f"{self.path}: {_show(self.before)} → {_show(self.after)}"

    def describe(self) -> str:
        """Quote both values, of which the second is refused."""
        return f"{self.path}: {_show(self.before)} in the run, {_show(self.after)} wanted"


def find_differences(before: RunConfig, after: RunConfig) -> tuple[Difference, ...]:
    """List the settings in which two configs differ, in the order of the reference.

    Sections of different `type` differ in it alone: what else they hold goes with it.
    """
    values = before.model_dump(mode="json"), after.model_dump(mode="json")
    return tuple(compare_values(*values))


def compare_values(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Yield where two pieces of plain data differ.

    Args:
        before: Nested sections, or a value.
        after: The same, later.
        path: The dotted keys that lead to them.
    """
    if before == after:
        return
    if not isinstance(before, dict) or not isinstance(after, dict):
        yield Difference(path, before, after)
        return
    prefix = f"{path}." if path else ""
    if before.get("type") != after.get("type"):
        yield Difference(f"{prefix}type", before.get("type"), after.get("type"))
        return
    for key in dict.fromkeys([*before, *after]):
        yield from compare_values(before.get(key), after.get(key), prefix + key)


def _show(value: Any) -> str:
    if not isinstance(value, dict | list):
        return show(value, WIDTH)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
