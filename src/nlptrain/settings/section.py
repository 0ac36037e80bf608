"""The base of every config section, and the declaration of a setting.

Below both `tasks` and `config`, because a task's parameters are a config section declared in the
task's own file.
"""

from collections.abc import Callable
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A frozen group of settings; unknown keys are refused, values never converted silently."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        validate_default=True,
        use_attribute_docstrings=False,
    )


def setting(
    default: Any, description: str, *, unit: str | None = None, path: bool = False, **bounds: Any
) -> Any:
    """Declare one setting of a section.

    Args:
        default: The value when the config gives none.
        description: One line for the reference page, the JSON schema and error messages.
        unit: What the number counts, if anything: steps, characters, seconds.
        path: Whether the value is a file, relative to the config's folder.
        bounds: Pydantic's `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`, `pattern`, `strict`.
    """
    extra: dict[str, Any] = ({"unit": unit} if unit else {}) | ({"path": True} if path else {})
    return Field(default, description=description, json_schema_extra=extra or None, **bounds)


def refuse(field: str | tuple[str | int, ...], message: str) -> PydanticCustomError:
    """Build the error for a check across several settings, attributed to one of them.

    Args:
        field: The setting at fault, relative to what is checked ("nesterov", "task.lengths"); as
            keys where one of them has a dot of its own.
        message: What is wrong and what is allowed, without the path.
    """
    return PydanticCustomError("refused", "{message}", {"field": field, "message": message})


def type_or(default: str) -> Callable[[Any], str | None]:
    """Build a discriminator of sections by their key `type`.

    The tag is in angle brackets, to distinguish it from a key in pydantic's errors.

    Args:
        default: The kind of a value without `type`.
    """

    def tag(value: Any) -> str | None:
        if isinstance(value, dict):
            return f"<{value.get('type', default)}>"
        kind = getattr(value, "type", None)
        return None if kind is None else f"<{kind}>"

    return tag


def types_of(section: type[Section]) -> tuple[str, ...]:
    """List the values of a section's `type`, its default first."""
    return get_args(section.model_fields["type"].annotation)
