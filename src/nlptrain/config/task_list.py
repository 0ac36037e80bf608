"""The available tasks, from their sections: name, definition, parameters."""

from dataclasses import dataclass

from nlptrain.config.data import DataSection
from nlptrain.config.fields import describe, kinds_of, names_of, schema_of
from nlptrain.config.reference import show_default
from nlptrain.settings.section import Section


@dataclass(frozen=True)
class TaskParameter:
    """A setting of `data.task`: its default as in a config, its allowed values in words."""

    name: str
    default: str
    allowed: str
    meaning: str


@dataclass(frozen=True)
class TaskDescription:
    """A task: its `type`, the first paragraph of its docstring, and its other settings."""

    name: str
    definition: str
    parameters: list[TaskParameter]


def list_tasks() -> list[TaskDescription]:
    """List every task that a config's `data.task` can name, by name."""
    kinds = kinds_of(DataSection.model_fields["task"])
    sections = kinds.sections if kinds else {}
    return [
        TaskDescription(name, _first_paragraph(section), _list_parameters(section))
        for name, section in sorted(sections.items())
    ]


def _first_paragraph(section: type[Section]) -> str:
    return " ".join((section.__doc__ or "").partition("\n\n")[0].split())


def _list_parameters(section: type[Section]) -> list[TaskParameter]:
    fields = section.model_fields
    return [
        TaskParameter(
            name,
            show_default(fields[name].default),
            describe(schema_of(section, name)),
            fields[name].description or "",
        )
        for name in names_of(section)
        if name != "type"
    ]
