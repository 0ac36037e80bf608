"""When a process has trained enough trials: by their number, the time, or what is left to try."""

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError
from nlptrain.search.finalists import guess_seconds
from nlptrain.search.results import read_trials
from nlptrain.search.study import build_sampler
from nlptrain.search.task import Task

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

MOST_REFUSED = 200
"""Combinations in a row that no config may have, before the space is blamed."""
MOST_KNOWN = 50
"""Combinations in a row that were proposed before, until nothing new is expected of the space."""
TWIN = "another process is training these settings"
"""Why a trial is refused whose config is being trained already."""


def is_enough(
    task: Task, study: "Study", trials: "list[FrozenTrial]", told: "list[FrozenTrial]"
) -> bool:
    """Return whether no further trial is to begin.

    Args:
        task: What the process has to do.
        study: The study.
        trials: All of the study.
        told: Those of them that have ended, in their order.
    """
    section = task.config.search
    if task.parent is not None and os.getppid() != task.parent:
        return True
    if task.until is not None and told and _is_late(task, task.until - time.time(), told):
        return True
    counted = sum(1 for each in trials if each.state.name in ("COMPLETE", "PRUNED", "RUNNING"))
    if section.most_trials is not None and counted >= section.most_trials:
        return True
    if _ends_in(told, MOST_KNOWN, _is_known):
        return True
    return section.sampler == "grid" and _is_exhausted(task.config, study)


def check_refusals(told: "list[FrozenTrial]") -> None:
    """Check that the space holds configs.

    Raises:
        ConfigError: The last of the trials that have ended were all refused.
    """
    if _ends_in(told, MOST_REFUSED, _is_refused):
        raise ConfigError(
            f"search.space: the last {MOST_REFUSED} combinations were refused, the last one: "
            f"{told[-1].user_attrs['reason']}; narrow the space"
        )


def _is_late(task: Task, left: float, told: "list[FrozenTrial]") -> bool:
    """Return whether the seconds left are those that finalists take."""
    if left > task.kept:
        return False
    trials = read_trials(task.config, told)
    return left <= guess_seconds(task.config, trials) / task.jobs


def _ends_in(
    trials: "list[FrozenTrial]", count: int, is_so: "Callable[[FrozenTrial], bool]"
) -> bool:
    """Return whether there are so many trials, and the last ones are all so."""
    last = trials[-count:]
    return len(last) == count and all(is_so(each) for each in last)


def _is_refused(trial: "FrozenTrial") -> bool:
    """Return whether no config may have the combination of values."""
    return trial.state.name == "FAIL" and not _is_known(trial)


def _is_known(trial: "FrozenTrial") -> bool:
    """Return whether a trial's config had been proposed before."""
    return "repeats" in trial.user_attrs or trial.user_attrs.get("reason") == TWIN


def _is_exhausted(config: RunConfig, study: "Study") -> bool:
    sampler: Any = build_sampler(config, 0, parallel=False)
    return bool(sampler.is_exhausted(study))
