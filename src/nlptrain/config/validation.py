"""A document's plain data → a frozen RunConfig, or every problem, described in our own words."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticUndefined

from nlptrain.config.fields import (
    JsonSchema,
    ResolvedSetting,
    choices_of,
    describe,
    names_of,
    resolve_path,
    schema_of,
)
from nlptrain.config.problems import MAX_PROBLEMS, Document, KeyPath, Problem, dotted
from nlptrain.config.run import RunConfig
from nlptrain.config.scalars import format_value
from nlptrain.config.suggestions import did_you_mean, suggest_key, suggest_number, suggest_switch

_MESSAGES = {
    "missing": "is missing",
    "int_type": "{found} is not a whole number",
    "float_type": "{found} is not a number",
    "finite_number": "{found} is not a finite number",
    "bool_type": "{found} is not true or false",
    "string_type": "{found} is not text",
    "string_pattern_mismatch": "{found} is not a valid {name}",
    "tuple_type": "{found} is not a list",
    "greater_than": "{found} is not greater than {gt}",
    "greater_than_equal": "{found} is less than {ge}",
    "less_than": "{found} is not less than {lt}",
    "less_than_equal": "{found} is greater than {le}",
}
"""By pydantic's type of the error."""

_NOTHING = ("none", "no", "off", "false", "nil", "nan", "never", "disabled", "-", "")
"""Words for null that a user may try."""


def validate(document: Document) -> RunConfig:
    """Build the config that a document describes.

    Raises:
        ConfigError: All problems, including those found earlier.
    """
    try:
        config = RunConfig.model_validate(document.data)
    except ValidationError as failure:
        _add_problems(document, failure.errors(include_url=False))
        raise document.error() from None
    if document.problems:
        raise document.error()
    return config


def _add_problems(document: Document, errors: list[ErrorDetails]) -> None:
    """Add pydantic's errors, except those inside values that are already refused."""
    known = [problem.path for problem in document.problems if problem.path]
    document.omitted += max(0, len(errors) - MAX_PROBLEMS)
    for problem in explain_errors(errors, document.data):
        if not any(problem.path[: len(path)] == path for path in known):
            document.problems.append(problem)


def explain_errors(errors: list[ErrorDetails], data: object) -> list[Problem]:
    """Describe pydantic's errors about plain data in our own words, each cause once."""
    return [_explain(error, data) for error in errors[:MAX_PROBLEMS] if not _is_echo(error, errors)]


def _is_echo(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Return whether a list is too short only because its entries were refused."""
    depth = len(error["loc"])
    return error["type"] == "too_short" and any(
        other["loc"][:depth] == error["loc"] and len(other["loc"]) > depth for other in errors
    )


def _explain(error: ErrorDetails, data: object) -> Problem:
    """Describe an error; the data shows which kind of section was meant."""
    kind, path, found = error["type"], _path(error), error["input"]
    if kind == "extra_forbidden":
        return Problem(path, "unknown key", suggest_key(data, path), at_key=True)
    if kind == "refused":
        field, message = error["ctx"]["field"], error["ctx"]["message"]
        keys = field.split(".") if isinstance(field, str) else field
        within = (int(key) if str(key).isdigit() else key for key in keys)
        # A check of the whole config has no path.
        return Problem((*(path if error["loc"] else ()), *within), message)
    setting = resolve_path(data, path)
    if kind == "union_tag_invalid" and setting is not None:
        word, kinds = found.get("type"), list(setting.sections)
        text = f"{format_value(word)} is not one of {', '.join(kinds)}"
        return Problem((*path, "type"), text, did_you_mean(word, kinds))
    if kind in ("model_type", "union_tag_not_found"):
        return _not_a_section(path, found, setting.sections if setting else {})
    return _refused_value(path, error, setting) if setting else Problem(path, error["msg"])


def _path(error: ErrorDetails) -> KeyPath:
    """Drop the tags that pydantic adds for the kind of a section; a last key may look like one."""
    *above, last = error["loc"] or ("",)
    is_key = error["type"] == "extra_forbidden"
    return tuple(part for part in above if not _is_tag(part)) + (
        (last,) if is_key or not _is_tag(last) else ()
    )


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def _not_a_section(path: KeyPath, found: object, kinds: Mapping[str, Any]) -> Problem:
    if found is None:
        return Problem(path, "is empty", ("add keys, indented below it, or remove it",))
    hints = [f"allowed in {dotted(path)}: {', '.join(names_of(kinds['']))}"] if "" in kinds else []
    if isinstance(found, str) and found in kinds:
        hints.append(f"write {{type: {found}}}")
    elif "" not in kinds:
        hints.append(f"its type is one of {', '.join(kinds)}")
    return Problem(path, f"{format_value(found)} is not a section", tuple(hints))


def _refused_value(path: KeyPath, error: ErrorDetails, setting: ResolvedSetting) -> Problem:
    is_missing = error["type"] == "missing"
    if is_missing and isinstance(path[-1], int):
        path, is_missing = path[:-1], False  # A list that is too short is not a missing key.
    found, schema = error["input"], schema_of(setting.owner, setting.name)
    allowed = f"allowed: {describe(schema)}. {setting.field.description}"
    hints = (allowed, *_suggest(error["type"], found, schema))
    default = setting.field.default
    if found is None and default is not PydanticUndefined and default is not None:
        hints += (f"omit the key to use the default, {format_value(default)}",)
    takes_null = any(part.get("type") == "null" for part in schema.get("anyOf", ()))
    if found is not None and takes_null and str(found).lower() in _NOTHING:
        hints += ("for none, write null",)
    return Problem(path, _describe(error, setting.name, schema), hints, at_key=is_missing)


def _describe(error: ErrorDetails, name: str, schema: JsonSchema) -> str:
    kind, found, shown = error["type"], error["input"], format_value(error["input"])
    if kind == "literal_error":
        choices = choices_of(schema)
        only = f"{shown} is not {choices[0]!r}, the only choice"
        return only if len(choices) == 1 else f"{shown} is not one of {', '.join(choices)}"
    if kind in ("too_short", "too_long") or (kind == "missing" and isinstance(found, list | tuple)):
        count = f"{len(found)} {'entry' if len(found) == 1 else 'entries'}"
        limit = schema.get("maxItems", error.get("ctx", {}).get("max_length"))
        long = f"the list has {count}" + (f", not {limit}" if limit else "")
        return long if found else "the list is empty"
    if kind in ("string_too_short", "string_too_long"):
        return f"{shown} is {len(found)} characters long" if found else "the text is empty"
    if kind not in _MESSAGES:
        return f"{error['msg']}; found {shown}"
    bounds = {
        key: f"{bound:g}" if isinstance(bound, float) else bound
        for key, bound in error.get("ctx", {}).items()
    }
    return _MESSAGES[kind].format(found=shown, name=name, **bounds)


def _suggest(kind: str, found: object, schema: JsonSchema) -> tuple[str, ...]:
    is_number = isinstance(found, int | float)
    if kind == "literal_error":
        return did_you_mean(found, choices_of(schema))
    if kind in ("int_type", "float_type"):
        return suggest_number(found, whole=kind == "int_type")
    if kind == "bool_type":
        return suggest_switch(found)
    if kind == "string_type" and (is_number or found is None):
        return (f"quote it: '{format_value(found)}'",)
    if kind == "tuple_type" and is_number and "prefixItems" not in schema:
        return (f"write [{format_value(found)}]",)
    return ()
