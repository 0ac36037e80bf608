"""Which tasks there are, read off their sections: name, definition, parameters."""

from dataclasses import dataclass

from nlptrain.config.allowed import describe, schema_of
from nlptrain.config.data import DataSection
from nlptrain.config.fields import kinds_of, names_of
from nlptrain.config.scalars import show
from nlptrain.settings.section import Section


@dataclass(frozen=True)
class TaskParameter:
    """One parameter of a task.

    Attributes:
        name: In the config, below `data.task`.
        default: As the config would say it.
        allowed: Its values, in words.
        meaning: One line.
    """

    name: str
    default: str
    allowed: str
    meaning: str


@dataclass(frozen=True)
class TaskDescription:
    """One task.

    Attributes:
        name: Its `type`.
        definition: The first sentences of its docstring.
        parameters: All but the `type`.
    """

    name: str
    definition: str
    parameters: list[TaskParameter]


def list_tasks() -> list[TaskDescription]:
    """List every task that a config's `data.task` can name, by name."""
    kinds = kinds_of(DataSection.model_fields["task"])
    sections = kinds.sections if kinds else {}
    return [
        TaskDescription(name, _define(section), _list_parameters(section))
        for name, section in sorted(sections.items())
    ]


def _define(section: type[Section]) -> str:
    """Take the first paragraph of the docstring, as one line."""
    return " ".join((section.__doc__ or "").partition("\n\n")[0].split())


def _list_parameters(section: type[Section]) -> list[TaskParameter]:
    return [
        TaskParameter(
            name,
            _show(section.model_fields[name].default),
            describe(schema_of(section, name)),
            section.model_fields[name].description or "",
        )
        for name in names_of(section)
        if name != "type"
    ]


def _show(default: object) -> str:
    if isinstance(default, tuple):
        return f"[{', '.join(map(_show, default))}]"
    return default if isinstance(default, str) else show(default)
