"""What the config sections declare: the tree of all settings, their kinds and allowed values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import Discriminator
from pydantic.fields import FieldInfo

from nlptrain.config.problems import KeyPath, join_choices
from nlptrain.config.run import RunConfig
from nlptrain.settings.section import Section, types_of

JsonSchema = Mapping[str, Any]

_TYPES = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "null": "null",
}
_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


@dataclass(frozen=True)
class Kinds:
    """The sections that one setting can hold.

    Attributes:
        sections: By their `type`; where there is only one, by "".
        default: The `type` when none is given.
        is_list: Whether the setting holds a list of them.
    """

    sections: Mapping[str, type[Section]]
    default: str
    is_list: bool

    def choose(self, value: object) -> type[Section] | None:
        """Find the section that a value is meant for; None if its `type` is unknown."""
        kind = value.get("type", self.default) if isinstance(value, dict) else self.default
        if self.default == "":
            kind = ""
        return self.sections.get(kind) if isinstance(kind, str) else None


@dataclass(frozen=True)
class ResolvedSetting:
    """The setting at a path: its section, its name, and the section chosen for it, if any."""

    owner: type[Section]
    name: str
    section: type[Section] | None

    @property
    def field(self) -> FieldInfo:
        """The declaration of the setting."""
        return self.owner.model_fields[self.name]

    @property
    def sections(self) -> Mapping[str, type[Section]]:
        """The sections that the setting can hold, by their `type`; empty for a plain value."""
        kinds = kinds_of(self.field)
        return kinds.sections if kinds else {}


@dataclass(frozen=True)
class Setting:
    """A setting of the whole tree: its keys, its section, and the `type` of that, or "" if none."""

    path: tuple[str, ...]
    section: type[Section]
    kind: str

    @property
    def field(self) -> FieldInfo:
        """The declaration of the setting."""
        return self.section.model_fields[self.path[-1]]


def kinds_of(field: FieldInfo) -> Kinds | None:
    """Return the sections that a setting can hold; None for a plain value."""
    parts = [*_parts(field.annotation), *field.metadata]
    sections = [part for part in parts if isinstance(part, type) and issubclass(part, Section)]
    if not sections:
        return None
    is_list = any(get_origin(part) is tuple for part in parts)
    choice = next((part for part in parts if isinstance(part, Discriminator)), None)
    if choice is None:
        return Kinds({"": sections[0]}, "", is_list)
    by_type = {kind: section for section in sections for kind in types_of(section)}
    tag = choice.discriminator
    default = str(tag({})).strip("<>") if callable(tag) else next(iter(by_type))
    return Kinds(by_type, default, is_list)


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def names_of(section: type[Section]) -> list[str]:
    """List a section's settings, `type` first."""
    return sorted(section.model_fields, key=lambda name: name != "type")


def resolve_path(data: object, path: KeyPath) -> ResolvedSetting | None:
    """Follow a path through the data and the sections that the data chooses.

    Returns:
        The setting at the path, or the plain one whose value contains it; None for the top level,
        an unknown key, or a section of unknown type.
    """
    section: type[Section] | None = RunConfig
    found: ResolvedSetting | None = None
    for part in path:
        data = child(data, part)
        if isinstance(part, int):
            kinds = kinds_of(found.field) if found else None
            if found is None or kinds is None:
                return found
            section = kinds.choose(data)
            found = ResolvedSetting(found.owner, found.name, section)
            continue
        if section is None or part not in section.model_fields:
            return None
        kinds = kinds_of(section.model_fields[part])
        chosen = kinds.choose(data) if kinds and not kinds.is_list else None
        found = ResolvedSetting(section, part, chosen)
        section = chosen
    return found


def child(data: object, part: str | int) -> object:
    """Return an entry of a section or list; None if there is none."""
    if isinstance(data, dict):
        return data.get(part)
    if isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data):
        return data[part]
    return None


def all_settings(
    section: type[Section] = RunConfig, path: tuple[str, ...] = (), kind: str = ""
) -> Iterator[Setting]:
    """Yield every setting of every kind, depth first, without those inside lists of sections."""
    for name in names_of(section):
        yield Setting((*path, name), section, kind)
        kinds = kinds_of(section.model_fields[name])
        if kinds and not kinds.is_list:
            for kind_below, section_below in kinds.sections.items():
                yield from all_settings(section_below, (*path, name), kind_below)


@cache
def _properties(section: type[Section]) -> Mapping[str, JsonSchema]:
    properties: Mapping[str, JsonSchema] = section.model_json_schema()["properties"]
    return properties


def schema_of(section: type[Section], name: str) -> JsonSchema:
    """Return the JSON schema of one setting."""
    return _properties(section)[name]


def _alternatives(schema: JsonSchema) -> Sequence[JsonSchema]:
    parts: Sequence[JsonSchema] = schema.get("anyOf", schema.get("oneOf", ()))
    return parts


def choices_of(schema: JsonSchema) -> tuple[str, ...]:
    """List the words that a setting accepts; empty if it accepts other values."""
    if "const" in schema:
        return (str(schema["const"]),)
    nested = [choices_of(part) for part in _alternatives(schema)]
    return (*schema.get("enum", ()), *(word for words in nested for word in words))


def describe(schema: JsonSchema) -> str:
    """Describe the allowed values of a setting: "whole number ≥ 1 or null"."""
    if alternatives := _alternatives(schema):
        words = [word for part in alternatives for word in choices_of(part) or (describe(part),)]
        return join_choices(list(dict.fromkeys(words)))
    if choices := choices_of(schema):
        return join_choices(choices)
    kind = schema.get("type")
    if kind == "array" and "prefixItems" in schema:
        return f"[{', '.join(describe(item) for item in schema['prefixItems'])}]"
    if kind == "array":
        count = schema.get("minItems", 0)
        fewest = f", {count} or more" if count > 1 else ", not empty" if count else ""
        return f"list of: {describe(schema.get('items', {}))}{fewest}"
    if kind not in _TYPES:
        return "section"
    style = ".0f" if kind == "integer" else "g"
    bounds = [f"{sign} {schema[key]:{style}}" for key, sign in _BOUNDS.items() if key in schema]
    return " ".join(part for part in (_TYPES[kind], " and ".join(bounds), _length(schema)) if part)


def _length(schema: JsonSchema) -> str:
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    if longest is None:
        return {0: "", 1: "(not empty)"}.get(shortest, f"({shortest} characters or more)")
    if shortest == longest:
        return "(1 character)" if longest == 1 else f"({longest} characters)"
    return f"({shortest} to {longest} characters)" if shortest else f"(up to {longest} characters)"
