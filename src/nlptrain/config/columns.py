"""How a config names a column of a table: by its name, or by its number in a file without names."""

from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _check_optional_column(value: object) -> object:
    """Accept a column, or nothing."""
    return None if value is None else _check_column(value)


def _check_column(value: object) -> object:
    """Accept a column's name, or its number from 0 in a file without a header."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise PydanticCustomError("column", "expected a column's name, or its number from 0")


Column = Annotated[int | str, BeforeValidator(_check_column)]
OptionalColumn = Annotated[int | str | None, BeforeValidator(_check_optional_column)]
