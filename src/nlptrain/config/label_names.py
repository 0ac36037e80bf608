"""Other names for the labels of a file, as a config gives them."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError


class LabelNames(dict[str, str]):
    """Other names by label; whole configs are compared by their hash, so this has one."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def _check_labels(value: object) -> object:
    """Accept other names by label; whole numbers are the labels that they are in a file."""
    if isinstance(value, dict):
        names = {
            old: str(new) if isinstance(new, int) and not isinstance(new, bool) else new
            for old, new in value.items()
        }
        if all(isinstance(name, str) and name for pair in names.items() for name in pair):
            return names
    raise PydanticCustomError("labels", "expected {old label: new label}")


Labels = Annotated[dict[str, str], BeforeValidator(_check_labels), AfterValidator(LabelNames)]
