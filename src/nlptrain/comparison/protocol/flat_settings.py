"""A contestant's settings as one flat list, by config path."""

from collections.abc import Iterator, Mapping
from typing import Any


def flatten_settings(
    settings: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, float | str | bool]]:
    """Return each setting by its config path; lists as text, and none that is null.

    Args:
        settings: Nested sections: `{"optimizer": {"type": "sgd"}}`.
        path: What stands before each path: `optimizer.` for what is inside that section.
    """
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from flatten_settings(value, f"{path}{key}.")
        elif isinstance(value, bool | int | float | str):
            yield path + key, value
        elif isinstance(value, list | tuple):
            yield path + key, ", ".join(map(str, value))
        elif value is not None:
            yield path + key, str(value)
