"""The meaning of an unquoted word in a config: YAML 1.2's rules, without YAML 1.1's surprises.

So `1e-3` is a number; `no`, `on`, `010`, `0x10`, `1_000`, `1:30` and dates are text.
"""

import math
import re
from typing import TypeAlias

Scalar = str | int | float | bool | None
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"
"""What a config can contain before it is validated."""

_CONSTANTS: dict[str, Scalar] = {
    "": None,
    **dict.fromkeys(["~", "null", "Null", "NULL"], None),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], float("inf")),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], float("-inf")),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
}
# Longer integers match as floats: no setting is that large, and int() has a limit.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,307})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def resolve_plain(text: str) -> Scalar:
    """Convert an unquoted scalar to null, true, false, a number, or the text itself."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def format_value(value: object, width: int = 60) -> str:
    """Format a value as in a config, short enough for a message."""
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    if isinstance(value, float) and not math.isfinite(value):
        text = text.replace("inf", ".inf").replace("nan", ".nan")
    return text if len(text) <= width else f"{text[: width - 1]}…"
