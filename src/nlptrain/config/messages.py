"""Pydantic's refusals, retold in the words of this tool: what was found, what is allowed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails, PydanticUndefined

from nlptrain.config.allowed import JsonSchema, choices_of, describe, schema_of, takes_null
from nlptrain.config.fields import Trace, names_of, trace
from nlptrain.config.problems import KeyPath, Problem, dotted
from nlptrain.config.scalars import show
from nlptrain.config.suggestions import about_key, did_you_mean, number_meant, switch_meant


@dataclass(frozen=True)
class _Refusal:
    """One error of pydantic's.

    Attributes:
        value: What the config says.
        context: The bound that it breaks, by pydantic's name.
        schema: What the setting takes.
        name: The setting's name.
    """

    value: Any
    context: Mapping[str, Any]
    schema: JsonSchema
    name: str


_NOTHING = ("none", "no", "off", "false", "nil", "nan", "never", "disabled", "-", "")
"""How people write that a setting is not wanted."""

_Told = tuple[str, tuple[str, ...]]
"""What is wrong, and hints."""


def explain(error: ErrorDetails, data: object) -> Problem:
    """Retell one error.

    Args:
        error: An entry of `ValidationError.errors()`.
        data: What was validated, to tell which kind of section was meant.
    """
    kind, path = error["type"], _path(error)
    if kind == "extra_forbidden":
        return Problem(path, "unknown key", about_key(data, path), at_key=True)
    if kind == "refused":
        context = error["ctx"]
        return Problem((*path, *context["field"].split(".")), context["message"])
    place = trace(data, path)
    if kind == "union_tag_invalid" and place is not None:
        return _wrong_type((*path, "type"), error["input"].get("type"), place)
    if kind in ("model_type", "union_tag_not_found"):
        return _no_section(path, error["input"], place)
    return _refused_value(path, error, place) if place else Problem(path, error["msg"])


def _refused_value(path: KeyPath, error: ErrorDetails, place: Trace) -> Problem:
    is_missing = error["type"] == "missing"
    if is_missing and isinstance(path[-1], int):
        path, is_missing = path[:-1], False  # A list too short is not a missing key.
    schema = schema_of(place.owner, place.name)
    refusal = _Refusal(error["input"], error.get("ctx", {}), schema, place.name)
    text, hints = _TELL.get(error["type"], _tell_other(error["msg"]))(refusal)
    if error["input"] is None:
        hints = (*hints, *_default(place))
    elif takes_null(schema) and str(error["input"]).lower() in _NOTHING:
        hints = (*hints, "for none of it write null")
    return Problem(path, text, (_allowed(place, schema), *hints), at_key=is_missing)


def _path(error: ErrorDetails) -> KeyPath:
    """Drop the tags that pydantic adds for the kind of a section; a last key may look like one."""
    *above, last = error["loc"] or ("",)
    is_key = error["type"] == "extra_forbidden"
    return tuple(part for part in above if not _is_tag(part)) + (
        (last,) if is_key or not _is_tag(last) else ()
    )


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def _allowed(place: Trace, schema: JsonSchema) -> str:
    return f"allowed: {describe(schema)}. {place.field.description}"


def _default(place: Trace) -> tuple[str, ...]:
    default = place.field.default
    if default is PydanticUndefined or default is None:
        return ()
    return (f"leave the key out for the default, {show(default)}",)


def _wrong_type(path: KeyPath, value: object, place: Trace) -> Problem:
    kinds = list(place.kinds.sections) if place.kinds else []
    text = f"{show(value)} is not one of {', '.join(kinds)}"
    return Problem(path, text, did_you_mean(value, kinds))


def _no_section(path: KeyPath, value: object, place: Trace | None) -> Problem:
    kinds = place.kinds.sections if place and place.kinds else {}
    if value is None:
        return Problem(path, "it is empty", ("give it keys, indented below it, or leave it out",))
    hints = [f"allowed in {dotted(path)}: {', '.join(names_of(kinds['']))}"] if "" in kinds else []
    if isinstance(value, str) and value in kinds:
        hints.append(f"write {{type: {value}}}")
    elif "" not in kinds:
        hints.append(f"its type is one of {', '.join(kinds)}")
    return Problem(path, f"takes a section of keys, not {show(value)}", tuple(hints))


def _tell_missing(refusal: _Refusal) -> _Told:
    if isinstance(refusal.value, list):
        return _tell_count(refusal)
    return "is missing", ()


def _tell_choice(refusal: _Refusal) -> _Told:
    choices = choices_of(refusal.schema)
    text = f"{show(refusal.value)} is not one of {', '.join(choices)}"
    if len(choices) == 1:
        text = f"{show(refusal.value)} is not {choices[0]!r}, the only choice"
    return text, did_you_mean(refusal.value, choices)


def _tell_whole_number(refusal: _Refusal) -> _Told:
    return f"{show(refusal.value)} is not a whole number", number_meant(refusal.value, whole=True)


def _tell_number(refusal: _Refusal) -> _Told:
    return f"{show(refusal.value)} is not a number", number_meant(refusal.value, whole=False)


def _tell_switch(refusal: _Refusal) -> _Told:
    return f"{show(refusal.value)} is not true or false", switch_meant(refusal.value)


def _tell_text(refusal: _Refusal) -> _Told:
    value = refusal.value
    quotable = isinstance(value, int | float) or value is None
    return f"{show(value)} is not text", (f"quote it: '{show(value)}'",) if quotable else ()


def _tell_list(refusal: _Refusal) -> _Told:
    value = refusal.value
    is_item = isinstance(value, int | float) and "prefixItems" not in refusal.schema
    return f"{show(value)} is not a list", (f"write [{show(value)}]",) if is_item else ()


def _tell_count(refusal: _Refusal) -> _Told:
    if not refusal.value:
        return "the list is empty", ()
    takes = refusal.schema.get("maxItems", "other")
    return f"a list of {len(refusal.value)}, not of {takes}", ()


def _tell_length(refusal: _Refusal) -> _Told:
    if refusal.value == "":
        return "the text is empty", ()
    return f"{show(refusal.value)} is {len(refusal.value)} characters long", ()


def _tell_form(refusal: _Refusal) -> _Told:
    return f"{show(refusal.value)} is not a valid {refusal.name}", ()


def _tell_bound(words: str, bound: str) -> Callable[[_Refusal], _Told]:
    def tell(refusal: _Refusal) -> _Told:
        limit = refusal.context[bound]
        shown = f"{limit:g}" if isinstance(limit, float) else str(limit)
        return f"{show(refusal.value)} is not {words.format(shown)}", ()

    return tell


def _tell_other(message: str) -> Callable[[_Refusal], _Told]:
    def tell(refusal: _Refusal) -> _Told:
        return f"{message}; found {show(refusal.value)}", ()

    return tell


_TELL: Mapping[str, Callable[[_Refusal], _Told]] = {
    "missing": _tell_missing,
    "literal_error": _tell_choice,
    "int_type": _tell_whole_number,
    "float_type": _tell_number,
    "finite_number": _tell_other("not a finite number"),
    "bool_type": _tell_switch,
    "string_type": _tell_text,
    "tuple_type": _tell_list,
    "too_short": _tell_count,
    "too_long": _tell_count,
    "string_too_short": _tell_length,
    "string_too_long": _tell_length,
    "string_pattern_mismatch": _tell_form,
    "greater_than": _tell_bound("greater than {}", "gt"),
    "greater_than_equal": _tell_bound("{} or more", "ge"),
    "less_than": _tell_bound("less than {}", "lt"),
    "less_than_equal": _tell_bound("{} or less", "le"),
}
