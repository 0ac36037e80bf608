"""A point of `search.space` → the config that it describes."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from nlptrain.config.fields import child, resolve_path, schema_of
from nlptrain.config.problems import KeyPath, dotted
from nlptrain.config.run import RunConfig
from nlptrain.config.search import SearchSection
from nlptrain.config.search_axes import Axis, Space
from nlptrain.config.validation import explain_errors
from nlptrain.errors import ConfigError


def keys_of(path: str) -> KeyPath:
    """Split `model.encoders.0.channels` into its keys and list indices."""
    return tuple(int(part) if part.isdecimal() else part for part in path.split("."))


def order_axes(space: Space) -> list[Axis]:
    """Put sections before what is in them, and a `type` before the settings beside it."""

    def rank(axis: Axis) -> tuple[int, bool]:
        keys = keys_of(axis.path)
        return len(keys), keys[-1] != "type"

    return sorted(space, key=rank)


def sample_config(
    config: RunConfig, choose: Callable[[Axis, bool], Any]
) -> tuple[RunConfig, dict[str, Any]]:
    """Choose a value for each searched setting that exists.

    A setting exists only where the types that were chosen before have it: `hidden_size` in a
    recurrent encoder, and in no other.

    Args:
        config: With the space; its other settings stay.
        choose: Gives the value of a setting, told whether it is a whole number.

    Returns:
        The config, without a space, and the values by path.

    Raises:
        ConfigError: The values exclude each other.
    """
    data, values = plain_settings(config), dict[str, Any]()
    for axis in order_axes(config.search.space):
        if exists(data, keys := keys_of(axis.path)):
            values[axis.path] = choose(axis, is_whole(data, keys))
            put(data, keys, values[axis.path])
    return _build(data, values), values


def find_given(config: RunConfig) -> dict[str, Any] | None:
    """Return where in its own space a config stands: values by path; None: outside of it."""
    values = find_point(config, {})
    held = (axis.holds(values[axis.path]) for axis in config.search.space if axis.path in values)
    return values if all(held) else None


def find_point(config: RunConfig, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the searched settings of a config, some of them changed: values by path.

    A setting that comes with a changed `type` has none as given.

    Raises:
        ConfigError: The values exclude each other.
    """
    data, values = plain_settings(config), dict[str, Any]()
    for axis in order_axes(config.search.space):
        if not exists(data, keys := keys_of(axis.path)):
            continue
        value = changed.get(axis.path, get(data, keys))
        if axis.path in changed or _has(data, keys):
            values[axis.path] = value
            put(data, keys, value)
    _build(data, values)
    return values


def plain_settings(config: RunConfig) -> dict[str, Any]:
    """Return all settings of a config as plain data, those of the search by default."""
    plain = config.model_copy(update={"search": SearchSection()})
    return plain.model_dump(mode="json")


def exists(data: object, keys: KeyPath) -> bool:
    """Return whether plain data has the setting, by the types that it chooses."""
    found = resolve_path(data, keys)
    is_whole = found is not None and (found.name == keys[-1] or isinstance(keys[-1], int))
    return is_whole and get(data, keys[:-1]) is not None


def is_whole(data: object, keys: KeyPath) -> bool:
    """Return whether a setting is a whole number."""
    return "integer" in types_of(data, keys) and "number" not in types_of(data, keys)


def types_of(data: object, keys: KeyPath) -> set[str]:
    """Return the types of values that a setting takes, by their names in a JSON schema."""
    found = resolve_path(data, keys)
    if found is None or isinstance(keys[-1], int):
        return set()
    schema = schema_of(found.owner, found.name)
    return {str(part.get("type")) for part in (schema, *schema.get("anyOf", ()))}


def get(data: object, keys: KeyPath) -> object:
    """Return the value at a path; None if there is none."""
    for key in keys:
        data = child(data, key)
    return data


def _has(data: object, keys: KeyPath) -> bool:
    section = get(data, keys[:-1])
    return keys[-1] in section if isinstance(section, dict) else True


def put(data: dict[str, Any], keys: KeyPath, value: object) -> None:
    """Set a value; a changed `type` drops the settings beside it that the new one lacks.

    Several encoders take the place of the one.
    """
    section: Any = get(data, keys[:-1])
    section[keys[-1]] = copy.deepcopy(value)
    if keys == ("model", "encoders") and value is not None:
        section["encoder"] = None
    found = resolve_path(data, keys[:-1]) if keys[-1] == "type" else None
    if found is not None and found.section is not None:
        for key in [key for key in section if key not in found.section.model_fields]:
            del section[key]


def _build(data: dict[str, Any], values: Mapping[str, Any]) -> RunConfig:
    try:
        return RunConfig.model_validate(data)
    except ValidationError as failure:
        problems = explain_errors(failure.errors(include_url=False), data)
        said = "; ".join(f"{dotted(each.path)}: {each.text}" for each in problems)
        chosen = ", ".join(f"{path} {value}" for path, value in values.items())
        raise ConfigError(f"{said} (with {chosen})") from None
