"""What one process has to do for a search."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nlptrain.config.run import RunConfig


@dataclass(frozen=True)
class Task:
    """What a process has to do; it can be sent to another one.

    Attributes:
        settings: The config as given, with its search, as plain data: the classes of some sections
            are made when they are imported, and another process has its own.
        folder: Of the search.
        study: Name of the study.
        storage: URL of the storage; None: in the folder.
        until: Begin no trial after this time, in seconds since 1970; None: no limit.
        parallel: Whether other processes are at work too.
        parent: The process without which this one ends after its trial; None: goes on alone.
        most: Trials to train before it ends; None: as many as are left.
        jobs: Processes that train the finalists.
        kept: The most seconds that are kept for them.
    """

    settings: dict[str, Any]
    folder: Path
    study: str
    storage: str | None = None
    until: float | None = None
    parallel: bool = False
    parent: int | None = None
    most: int | None = None
    jobs: int = 1
    kept: float = 0.0

    @cached_property
    def config(self) -> RunConfig:
        """The config as given."""
        return RunConfig.model_validate(self.settings)
