"""A search from its config to its report: propose and train, train the best again, write down."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nlptrain.comparison.run import REPORTING
from nlptrain.config.run import RunConfig
from nlptrain.config.search import TRIALS
from nlptrain.errors import ConfigError
from nlptrain.packages import require
from nlptrain.reporting.audience import Audience
from nlptrain.search.final import Final, train_finally
from nlptrain.search.finalists import SHARE, Finalist, train_finalists
from nlptrain.search.folder import (
    SEARCHES_DIR,
    Protocol,
    SearchFolder,
    agree,
    name_study,
    open_folder,
)
from nlptrain.search.follow import Follow, following
from nlptrain.search.results import SearchTrial, choose_trial, find_front, read_trials
from nlptrain.search.storage import open_storage
from nlptrain.search.study import import_optuna, open_study
from nlptrain.search.task import Task
from nlptrain.search.work import work
from nlptrain.workers.execution import Workers

if TYPE_CHECKING:
    from optuna import Study

EMPTY = (
    "search.space: is empty; name what to search there, or on the command line: "
    "--vary optimizer.learning_rate=1e-4..1e-1:log. The packaged config own_file has a space"
)


@dataclass(frozen=True)
class Found:
    """A finished search.

    Attributes:
        config: As given, with its search.
        protocol: What was agreed.
        trials: In the order in which they were proposed.
        chosen: The one that is taken.
        final: What fresh seeds say of it.
        folder: Of the search.
        finalists: Those that were trained on other seeds, the best first.
        command: What began it.
    """

    config: RunConfig
    protocol: Protocol
    trials: Sequence[SearchTrial]
    chosen: SearchTrial
    final: Final
    folder: Path
    finalists: Sequence[Finalist] = ()
    command: str | None = None

    @cached_property
    def front(self) -> list[SearchTrial]:
        """The trials that no other beats; of one objective the best alone."""
        return find_front(self.config, self.trials)


@dataclass(frozen=True)
class Places:
    """Where trials run.

    Attributes:
        jobs: Processes at a time.
        storage: URL of a database for the study; None: a file in the folder.
        scheduler: Address of a Dask scheduler, whose workers take the place of the processes.
    """

    jobs: int = 1
    storage: str | None = None
    scheduler: str | None = None


def search(
    config: RunConfig,
    *,
    searches_dir: Path = SEARCHES_DIR,
    output: Path | None = None,
    command: str | None = None,
    places: Places | None = None,
    audience: Audience | None = None,
    follow: Follow | None = None,
    baseline: bool = True,
) -> Found | None:
    """Search the space of a config, or go on with an interrupted search of it.

    Args:
        config: With a space.
        searches_dir: Where the folder is made, if none is given.
        output: The folder.
        command: What begins the search, and goes on with it.
        places: Where trials run; None: in this process.
        audience: Who follows.
        follow: Called about once a second with how far the search is.
        baseline: Whether a linear model is trained on data of a file.

    Returns:
        What came of it; None where other processes are at work, one of which reports.

    Raises:
        ConfigError, DataError: Nothing was trained.
        MissingPackageError: Optuna, or what writes the report, is not installed.
        RunFolderError: The folder is not this search's, or cannot be written.
        TrainingError: No trial has finished.
    """
    _check(config)
    places, audience = places or Places(), audience or Audience()
    protocol = agree(config)
    folder = open_folder(protocol, output=output, searches_dir=searches_dir, command=command)
    task = _describe_task(config, name_study(protocol), folder, places)
    with folder.asking():  # Its tables are made once.
        study = open_study(open_storage(task.storage, task.folder), task.study, config)
    with following(task, follow):
        _train(task, places)
    trials = read_trials(config, study.get_trials(deepcopy=False))
    if any(trial.state == "running" for trial in trials):
        audience.tell(f"other processes still train for {folder.path}; the last of them reports")
        return None
    with folder.finishing() as is_mine:
        if not is_mine:
            audience.tell(f"another process trains the best of {folder.path} again, and reports")
            return None
        workers = Workers(places.jobs, places.scheduler)
        finalists = train_finalists(
            config, trials, folder, workers=workers, audience=audience, until=task.until
        )
        chosen = finalists[0].trial if finalists else choose_trial(config, trials)
        final = train_finally(
            config, chosen, folder, workers=workers, audience=audience, baseline=baseline
        )
        found = Found(config, protocol, trials, chosen, final, folder.path, finalists, command)
        _write(found, study)
    return found


def _check(config: RunConfig) -> None:
    """Refuse a config without a space, and a search without its packages."""
    if not config.search.space:
        raise ConfigError(EMPTY)
    import_optuna()
    require(*REPORTING, purpose="search")


def _describe_task(config: RunConfig, study: str, folder: SearchFolder, places: Places) -> Task:
    minutes = config.search.minutes
    return Task(
        settings=config.model_dump(mode="json"),
        folder=folder.path.absolute(),
        study=study,
        storage=places.storage,
        until=None if minutes is None else time.time() + 60 * minutes,
        parallel=places.jobs > 1,
        jobs=places.jobs,
        kept=SHARE * 60 * (minutes or 0),
    )


def _write(found: Found, study: "Study") -> None:
    from nlptrain.search.report.importance import measure_importances
    from nlptrain.search.report.write import write_report

    write_report(found, measure_importances(found.config, study))


def _train(task: Task, places: Places) -> None:
    """Train trials until there are enough."""
    parts, most = [task], task.config.search.most_trials
    if places.scheduler is not None:
        # One trial a part: where this process ends, no more of them begin.
        parts = [replace(task, parallel=True, most=1)] * (most or TRIALS)
    elif places.jobs > 1:
        # A process that dies takes its trial along, which another then trains again.
        parts = [replace(task, parent=os.getpid())] * places.jobs
    workers = Workers(places.jobs, places.scheduler)
    while any([*workers.run(work, parts)]) and places.scheduler is not None and most is None:
        pass  # On a cluster the parts were too few for the time.
