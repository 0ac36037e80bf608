"""The base of every config section, and how one setting is declared.

Lies below both `tasks` and `config`: a task's parameters are a section of the config, and stand
in the task's own file.
"""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A frozen group of settings: unknown keys refused, nothing converted in silence."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        validate_default=True,
        use_attribute_docstrings=False,
    )


def setting(
    default: Any,
    description: str,
    *,
    unit: str | None = None,
    path: bool = False,
    **bounds: Any,
) -> Any:
    """Declare one setting of a section.

    Args:
        default: The value when the config does not say one.
        description: One line for the reference page, the JSON schema and error texts.
        unit: What the number counts (steps, characters, seconds), where it counts something.
        path: Whether the value names a file, relative to the config that says it.
        bounds: Pydantic's `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`, `pattern`, `strict`.
    """
    extra: dict[str, Any] = {}
    if unit is not None:
        extra["unit"] = unit
    if path:
        extra["path"] = True
    return Field(default, description=description, json_schema_extra=extra or None, **bounds)


def refuse(field: str, message: str) -> PydanticCustomError:
    """Make the error that a check across several settings raises, placed at one of them.

    Args:
        field: The setting at fault, below the section that is checked ("nesterov", "task.lengths").
        message: What is wrong, what is allowed; without the path.
    """
    return PydanticCustomError("refused", "{message}", {"field": field, "message": message})


def type_or(default: str) -> Callable[[Any], str | None]:
    """Make the function that tells which kind of section a value is, by its key `type`.

    The tag stands in angle brackets, so that error texts can tell it from a key.

    Args:
        default: The kind when the value has no `type`.
    """

    def tag(value: Any) -> str | None:
        if isinstance(value, dict):
            return f"<{value.get('type', default)}>"
        kind = getattr(value, "type", None)
        return None if kind is None else f"<{kind}>"

    return tag
