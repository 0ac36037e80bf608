"""One contestant of compare-optimizers: an optimizer, its schedule, and what is tuned of it.

The sections are made from those of the optimizers, so that a new optimizer takes part by itself.
Pydantic builds them when the config's are built, not each alone: that is faster.
"""

import json
from collections.abc import Iterator
from functools import reduce
from itertools import product
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, cast, get_args

from pydantic import ValidationError, create_model, model_validator

from nlptrain.config.optimizer import Optimizer
from nlptrain.config.training import Schedule
from nlptrain.settings.section import Section, refuse, setting

MOST_COMBINATIONS = 1000
"""Of the tuned values of one contestant: more are a typing error."""


class TunedValues(Section, defer_build=True):
    """Values to try for an optimizer's settings, in addition to the learning rates."""

    @model_validator(mode="before")
    @classmethod
    def _check_learning_rate(cls, data: Any) -> Any:
        if isinstance(data, dict) and "learning_rate" in data:
            raise refuse(
                "learning_rate",
                "is tuned for every contestant, around its own learning_rate; remove it here",
            )
        return data

    @model_validator(mode="after")
    def _check_distinct(self) -> Self:
        for name, values in self.lists().items():
            for value in values:
                if values.count(value) > 1:
                    raise refuse(name, f"{value} stands there twice; leave one out")
        return self

    def lists(self) -> dict[str, list[Any]]:
        """Return the values of each tuned setting, as JSON has them, in a fixed order."""
        return self.model_dump(mode="json", exclude_none=True)


class OptimizerEntry(Section, defer_build=True):
    """One contestant of compare-optimizers."""

    section: ClassVar[type[Section]]
    schedule: Schedule | None = setting(
        None, "Learning rate schedule of this contestant; null: as in `training`."
    )
    tune: TunedValues | None = setting(
        None, "Settings of the optimizer to tune besides the learning rate, with their values."
    )

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer alone, with the values given outside `tune`."""
        return self._build({})

    def tuned_values(self) -> dict[str, list[Any]]:
        """Return the values to try of each tuned setting; empty where only the rate is tuned."""
        return self.tune.lists() if self.tune else {}

    def combinations(self) -> Iterator[dict[str, Any]]:
        """Yield every combination of the tuned values; one that is empty where there are none."""
        lists = self.tuned_values()
        return (dict(zip(lists, values, strict=True)) for values in product(*lists.values()))

    def _build(self, values: dict[str, Any]) -> Optimizer:
        own = self.model_dump(include=set(self.section.model_fields))
        return cast("Optimizer", self.section.model_validate(own | values))

    @model_validator(mode="after")
    def _check_own_values(self) -> Self:
        own = self.model_dump(mode="json")
        for name, values in self.tuned_values().items():
            is_default = getattr(self, name) == type(self).model_fields[name].default
            if own[name] not in values and not is_default:
                raise refuse(
                    name,
                    f"{own[name]} is not among the values under tune, which replace it; add it "
                    "there, or remove it here",
                )
        return self

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        for number, values in enumerate(self.combinations(), 1):
            if number > MOST_COMBINATIONS:
                raise refuse("tune", f"more than {MOST_COMBINATIONS:,} combinations; list fewer")
            try:
                self._build(values)
            except ValidationError as failure:
                error = failure.errors(include_url=False)[0]
                said = error.get("ctx", {})
                name = said.get("field") or ".".join(map(str, error["loc"]))
                which = ", ".join(f"{key} {json.dumps(value)}" for key, value in values.items())
                raise refuse(
                    "tune", f"{which}: {name} {said.get('message') or error['msg']}"
                ) from None
        return self


def _values_of(section: type[Section]) -> type[TunedValues]:
    """Make the section of `tune`: a list, with the setting's own bounds, for each setting."""
    fields: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        if name in ("type", "learning_rate"):
            continue
        value: Any = field.annotation
        for bound in field.metadata:
            value = Annotated[value, bound]
        description = f"Values to try. {field.description}"
        fields[name] = (
            tuple[value, ...] | None,
            setting(None, description, min_length=1, strict=False),
        )
    return create_model(
        f"{section.__name__}Tune", __base__=TunedValues, __doc__=TunedValues.__doc__, **fields
    )


def _entry_of(section: type[Section]) -> type[OptimizerEntry]:
    """Make the section of a contestant from its optimizer's."""
    tune: Any = (_values_of(section) | None, OptimizerEntry.model_fields["tune"])
    entry: Any = create_model(
        f"{section.__name__}Entry",
        __base__=(OptimizerEntry, section),
        __doc__=section.__doc__,
        tune=tune,
    )
    entry.section = section
    return cast("type[OptimizerEntry]", entry)


_OPTIMIZERS, _BY_TYPE = get_args(Optimizer)
_MEMBERS = [(_entry_of(section), tag) for section, tag in map(get_args, get_args(_OPTIMIZERS))]

if TYPE_CHECKING:
    AnyOptimizerEntry = OptimizerEntry
else:
    AnyOptimizerEntry = Annotated[
        reduce(or_, (Annotated[entry, tag] for entry, tag in _MEMBERS)), _BY_TYPE
    ]


def enter_optimizer(kind: str, **settings: Any) -> OptimizerEntry:
    """Build the contestant of a type of optimizer."""
    entries: dict[str, Any] = {
        name: entry
        for entry, _ in _MEMBERS
        for name in get_args(entry.model_fields["type"].annotation)
    }
    entry: OptimizerEntry = entries[kind](type=kind, **settings)
    return entry
