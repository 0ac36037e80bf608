"""The settings in which two configs differ; a run resumes only with its own config."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nlptrain.config.run import RunConfig
from nlptrain.config.scalars import format_value

MAX_WIDTH = 200
"""Maximum length of a value in a message; long enough for a path."""


@dataclass(frozen=True)
class SettingChange:
    """A setting, by its dotted keys, that has different values in two configs."""

    path: str
    before: Any
    after: Any

    def describe_change(self) -> str:
        """Describe the change that was made."""
        return f"{self.path}: {_format(self.before)} → {_format(self.after)}"

    def describe(self) -> str:
        """Describe both values of a change that is refused."""
        return f"{self.path}: {_format(self.before)} in the run, {_format(self.after)} wanted"


def find_changes(before: RunConfig, after: RunConfig) -> tuple[SettingChange, ...]:
    """List the settings in which two configs differ, in the order of the reference.

    Of sections with different `type`, only the type is listed.
    """
    values = before.model_dump(mode="json"), after.model_dump(mode="json")
    return tuple(compare_values(*values))


def compare_values(before: Any, after: Any, path: str = "") -> Iterator[SettingChange]:
    """Yield the differences between two pieces of plain data, below the dotted keys `path`."""
    if before == after:
        return
    if not isinstance(before, dict) or not isinstance(after, dict):
        yield SettingChange(path, before, after)
        return
    prefix = f"{path}." if path else ""
    if before.get("type") != after.get("type"):
        yield SettingChange(f"{prefix}type", before.get("type"), after.get("type"))
        return
    for key in dict.fromkeys([*before, *after]):
        yield from compare_values(before.get(key), after.get(key), prefix + key)


def _format(value: Any) -> str:
    if not isinstance(value, dict | list):
        return format_value(value, MAX_WIDTH)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_WIDTH else f"{text[: MAX_WIDTH - 1]}…"
