"""The tree of all settings, read off the sections: which kinds a section has, and what is where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args, get_origin

from pydantic import Discriminator
from pydantic.fields import FieldInfo

from nlptrain.config.problems import KeyPath, dotted
from nlptrain.config.run import RunConfig
from nlptrain.settings.section import Section


@dataclass(frozen=True)
class Kinds:
    """The sections that one setting can hold.

    Attributes:
        sections: By their `type`; the only one, where there is no choice, by "".
        default: The `type` when none is given.
        is_list: Whether the setting holds a list of them.
    """

    sections: Mapping[str, type[Section]]
    default: str
    is_list: bool

    def choose(self, value: object) -> type[Section] | None:
        """Find the section that a value is meant for; None where its `type` is wrong."""
        kind = value.get("type", self.default) if isinstance(value, dict) else self.default
        if self.default == "":
            kind = ""
        return self.sections.get(kind) if isinstance(kind, str) else None


@dataclass(frozen=True)
class Trace:
    """What stands at a path.

    Attributes:
        owner: The section that has the setting.
        name: The setting's name in it.
        kinds: What the setting can hold, if sections.
        section: The section chosen there, if one is.
    """

    owner: type[Section]
    name: str
    kinds: Kinds | None
    section: type[Section] | None

    @property
    def field(self) -> FieldInfo:
        """The declaration of the setting."""
        return self.owner.model_fields[self.name]


@dataclass(frozen=True)
class Setting:
    """One setting of the whole tree, of one kind where its section has several.

    Attributes:
        path: Its keys.
        section: The section that has it.
        kind: The `type` of that section; "" where there is no choice.
    """

    path: tuple[str, ...]
    section: type[Section]
    kind: str

    @property
    def field(self) -> FieldInfo:
        """The declaration of the setting."""
        return self.section.model_fields[self.path[-1]]


def kinds_of(field: FieldInfo) -> Kinds | None:
    """Read which sections a setting can hold; None for a plain value."""
    parts = [*_parts(field.annotation), *field.metadata]
    sections = [part for part in parts if isinstance(part, type) and issubclass(part, Section)]
    if not sections:
        return None
    is_list = any(get_origin(part) is tuple for part in parts)
    choice = next((part for part in parts if isinstance(part, Discriminator)), None)
    if choice is None:
        return Kinds({"": sections[0]}, "", is_list)
    by_type = {section.model_fields["type"].default: section for section in sections}
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


def trace(data: object, path: KeyPath) -> Trace | None:
    """Follow a path through the data and the sections that the data chooses.

    Returns:
        The setting at the path, or the plain one that holds the path's last entries; None for
        the top, an unknown key, or a section of unknown type.
    """
    section: type[Section] | None = RunConfig
    found: Trace | None = None
    for part in path:
        data = child(data, part)
        if isinstance(part, int):
            if found is None or found.kinds is None:
                return found
            section = found.kinds.choose(data)
            found = Trace(found.owner, found.name, found.kinds, section)
            continue
        if section is None or part not in section.model_fields:
            return None
        kinds = kinds_of(section.model_fields[part])
        chosen = kinds.choose(data) if kinds and not kinds.is_list else None
        found = Trace(section, part, kinds, chosen)
        section = chosen
    return found


def child(data: object, part: str | int) -> object:
    """Take an entry of a section or list; None where there is none."""
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


def places_of(name: str) -> list[str]:
    """List the dotted paths of all settings of a name."""
    return list(dict.fromkeys(dotted(s.path) for s in all_settings() if s.path[-1] == name))
