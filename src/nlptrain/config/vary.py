"""`--vary key.path=…`: the values of a setting, in the words of the command line."""

import re
from collections.abc import Sequence
from dataclasses import replace

from nlptrain.config.problems import Document, FromOverride, Problem
from nlptrain.config.scalars import Value
from nlptrain.config.yaml_reader import read_value
from nlptrain.errors import ConfigError

_RANGE = re.compile(r"(?P<low>[^,:\[]+?)\.\.(?P<high>[^,:]+)(?::(?P<how>.*))?")
_SEARCHED = (
    "write --vary key.path=from..to, from..to:log, from..to:step=8 or value,value; for example "
    "--vary model.encoder.hidden_size=16..256:log"
)


def split_variation(text: str, form: str) -> tuple[str, str]:
    """Split `key.path=values`.

    Args:
        text: The argument of --vary.
        form: What should have been written.

    Raises:
        ConfigError: It is not of that form.
    """
    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not all(split_values(values)):
        raise ConfigError(f"--vary {text}: {form}")
    return key.strip(), values.strip()


def split_values(values: str) -> list[str]:
    """Split at commas outside brackets, as `[2, 3],[4]` into two lists."""
    parts, depth = [""], 0
    for character in values:
        depth += (character in "[{") - (character in "]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def search_variations(document: Document, varied: Sequence[str]) -> None:
    """Add settings to a document's `search.space`, or replace those that stand there.

    Raises:
        ConfigError: An argument is not of the form of --vary.
    """
    search = document.data.setdefault("search", {}) if varied else None
    space = search.setdefault("space", {}) if isinstance(search, dict) else None
    for order, text in enumerate(varied):
        path, values = split_variation(text, _SEARCHED)
        keys = ("search", "space", path)
        origin = FromOverride(text, keys, order, "--vary")
        entry, problems = _read_entry(values)
        document.problems += [replace(each, path=keys, origin=origin) for each in problems]
        for key in [key for key in document.origins if key[:3] == keys]:
            del document.origins[key]
        document.origins[keys] = origin
        if isinstance(space, dict):
            space[path] = entry


def _read_entry(values: str) -> tuple[Value, list[Problem]]:
    """Read a range or a list, as it would stand in a config."""
    found = _RANGE.fullmatch(values)
    if found is None:
        read = [read_value(part) for part in split_values(values)]
        return [value for value, _ in read], [each for _, problems in read for each in problems]
    low, high, how = found["low"], found["high"], found["how"]
    entry: dict[str, Value] = {"from": read_value(low)[0], "to": read_value(high)[0]}
    if how == "log":
        entry["log"] = True
    elif how is not None and how.startswith("step="):
        entry["step"] = read_value(how.removeprefix("step="))[0]
    elif how is not None:
        entry[how] = True  # Refused as an unknown key, by its name.
    return entry, []
