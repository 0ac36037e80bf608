"""What two protocols, as plain data, differ in."""

import json
from typing import Any


def list_differences(one: Any, other: Any, places: tuple[str, str], path: str = "") -> list[str]:
    """Name the settings that differ, with both values.

    Args:
        one: Plain data.
        other: Plain data.
        places: Words behind the value of each.
        path: Of both.
    """
    one, other = _by_key(one), _by_key(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            text
            for key in dict.fromkeys([*one, *other])
            for text in list_differences(
                one.get(key), other.get(key), places, f"{path}.{key}".strip(".")
            )
        ]
    values = zip((one, other), places, strict=True)
    shown = ", ".join(f"{_short(value)} {place}" for value, place in values)
    return [] if one == other else [f"{path} ({shown})"]


def _by_key(value: Any) -> Any:
    """Turn a list of objects into one by place, so that what differs inside is named."""
    is_list = isinstance(value, list | tuple) and any(isinstance(each, dict) for each in value)
    return {str(place): each for place, each in enumerate(value)} if is_list else value


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
