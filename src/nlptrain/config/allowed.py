"""Which values a setting takes, in words: for error texts and for the reference page."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from nlptrain.config.problems import join_choices
from nlptrain.settings.section import Section

JsonSchema = Mapping[str, Any]

_TYPES = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "null": "null",
}
_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


@cache
def _properties(section: type[Section]) -> Mapping[str, JsonSchema]:
    properties: Mapping[str, JsonSchema] = section.model_json_schema()["properties"]
    return properties


def schema_of(section: type[Section], name: str) -> JsonSchema:
    """Return the JSON schema of one setting."""
    return _properties(section)[name]


def choices_of(schema: JsonSchema) -> tuple[str, ...]:
    """List the words that a setting takes; none where it takes other values."""
    if "const" in schema:
        return (str(schema["const"]),)
    nested = [choices_of(part) for part in schema.get("anyOf", ())]
    return (*schema.get("enum", ()), *(word for words in nested for word in words))


def takes_null(schema: JsonSchema) -> bool:
    """Return whether a setting may be null."""
    return any(part.get("type") == "null" for part in schema.get("anyOf", ()))


def describe(schema: JsonSchema) -> str:
    """Write which values a setting takes: "whole number ≥ 1 or null"."""
    if "anyOf" in schema:
        return join_choices(
            [word for part in schema["anyOf"] for word in choices_of(part) or (describe(part),)]
        )
    if choices := choices_of(schema):
        return join_choices(choices)
    kind = schema.get("type")
    if kind == "array":
        return _describe_list(schema)
    if kind not in _TYPES:
        return "section"
    bounds = [f"{sign} {schema[key]:g}" for key, sign in _BOUNDS.items() if key in schema]
    if kind == "integer":
        bounds = [f"{sign} {schema[key]:.0f}" for key, sign in _BOUNDS.items() if key in schema]
    return " ".join(part for part in (_TYPES[kind], " and ".join(bounds), _length(schema)) if part)


def _length(schema: JsonSchema) -> str:
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    if shortest is None and longest is None:
        return ""
    if longest is None:
        return "(not empty)" if shortest == 1 else f"({shortest} characters or more)"
    if shortest == longest:
        return "(1 character)" if longest == 1 else f"({longest} characters)"
    return f"({shortest} to {longest} characters)" if shortest else f"(up to {longest} characters)"


def _describe_list(schema: JsonSchema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(describe(item) for item in schema['prefixItems'])}]"
    fewest = ", not empty" if schema.get("minItems") else ""
    return f"list of: {describe(schema.get('items', {}))}{fewest}"
