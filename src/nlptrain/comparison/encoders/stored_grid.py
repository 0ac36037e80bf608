"""The grid of a comparison of encoders, from its protocol: what its report needs anew."""

from typing import Any

from pydantic import ValidationError

from nlptrain.comparison.encoders.entries import Grid, enter_encoders
from nlptrain.comparison.results import Contestant, Protocol
from nlptrain.comparison.trials.trial import prepare_for
from nlptrain.config.comparison import TaskEntry
from nlptrain.config.data import DataSection
from nlptrain.config.run import RunConfig
from nlptrain.errors import DataError, RunFolderError


def is_matrix(protocol: Protocol) -> bool:
    """Return whether each contestant is an encoder on a task; --vary sets values, not sections."""
    return all(
        isinstance(each.settings.get(section), dict)
        for each in protocol.contestants
        for section in ("data", "model")
    )


def rebuild_grid(protocol: Protocol) -> Grid:
    """Generate the strings of each task again, and describe rows and columns.

    Raises:
        RunFolderError: The protocol is not one that this version reads.
        DataError: The strings cannot be read or drawn, or are others than they were.
    """
    try:
        config = RunConfig.model_validate({**protocol.config, "comparison": _section(protocol)})
    except ValidationError as error:
        raise RunFolderError(
            f"the protocol of {protocol.name} is not valid: {error!s:.200}; use the version of "
            "nlptrain that wrote it"
        ) from error
    entries, grid = enter_encoders(config)
    for entry, data in zip(entries, protocol.data, strict=True):
        if prepare_for(entry.config).dataset.fingerprint != data:
            raise DataError(
                f"{entry.contestant.name}: its strings are others than in the comparison; restore "
                "the data, or use the version of nlptrain that trained it"
            )
    return grid


def _section(protocol: Protocol) -> dict[str, Any]:
    named = [(*_names(each), each.settings) for each in protocol.contestants]
    tasks = {task: _task(task, settings["data"]) for task, _, settings in named}
    encoders = {name: {"name": name, **settings["model"]} for _, name, settings in named}
    return {"tasks": list(tasks.values()), "encoders": list(encoders.values())}


def _names(contestant: Contestant) -> tuple[str, str]:
    """Split a cell's name; an encoder's has no colon."""
    task, _, encoder = contestant.name.rpartition(": ")
    return task, encoder


def _task(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """Name a task only where its data does not, as the config does."""
    is_own = TaskEntry(data=DataSection.model_validate(data)).title == name
    return {"data": data} if is_own else {"data": data, "name": name}
