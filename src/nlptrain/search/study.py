"""The study: Optuna's storage, sampler and pruner, as the config names them."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nlptrain.config.run import RunConfig
from nlptrain.config.search import SearchSection
from nlptrain.config.space import find_given, find_point
from nlptrain.packages import require
from nlptrain.search.pruner import LivingPruner
from nlptrain.search.space import grid_of, to_word
from nlptrain.search.trial import BUDGETS

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial, Trial

_REDUCTION = BUDGETS[1] // BUDGETS[0]


def import_optuna() -> Any:
    """Import Optuna, whose own messages are for those who write their own loops.

    Raises:
        MissingPackageError: It is not installed.
    """
    require("optuna", purpose="search", extra="search")
    import optuna

    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    return optuna


def open_study(storage: "BaseStorage", name: str, config: RunConfig) -> "Study":
    """Open the study of a search, or begin it with the config as given as its first trial."""
    optuna = import_optuna()
    study: Study = optuna.create_study(
        storage=storage,
        study_name=name,
        directions=directions_of(config),
        pruner=build_pruner(config.search),
        load_if_exists=True,
    )
    return study


def directions_of(config: RunConfig) -> list[str]:
    """Return whether each objective is to be large or small, in Optuna's words."""
    score, *costs = objectives_of(config)
    return ["minimize" if score == "loss" else "maximize", *("minimize" for _ in costs)]


def objectives_of(config: RunConfig) -> tuple[str, ...]:
    """Return the score looked for, and the cost beside it if there is one."""
    objective = config.search.objective
    if isinstance(objective, tuple):
        return objective
    return (objective or config.training.best_by,)


def build_pruner(section: SearchSection) -> LivingPruner:
    """Build what ends trials early."""
    pruners = import_optuna().pruners
    if section.pruner == "none" or isinstance(section.objective, tuple):
        return LivingPruner(pruners.NopPruner())
    return LivingPruner(
        pruners.SuccessiveHalvingPruner(min_resource=BUDGETS[0], reduction_factor=_REDUCTION)
    )


def build_sampler(config: RunConfig, told: int, *, parallel: bool) -> "BaseSampler":
    """Build what proposes the next trial.

    Its chance depends on the seed and the number of trials before it alone, so that a study that
    was interrupted goes on as if it had not been.

    Args:
        config: Of the search.
        told: Trials that have ended so far.
        parallel: Whether other trials run meanwhile.
    """
    optuna, section = import_optuna(), config.search
    seed = int(np.random.SeedSequence([config.seed, told]).generate_state(1)[0])
    sampler: BaseSampler
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        if section.sampler == "grid":
            # The order of the grid has to be the same each time.
            sampler = optuna.samplers.GridSampler(grid_of(section.space), seed=config.seed)
        elif section.sampler == "random":
            sampler = optuna.samplers.RandomSampler(seed)
        else:
            sampler = optuna.samplers.TPESampler(
                seed=seed, multivariate=True, group=True, constant_liar=parallel
            )
    return sampler


def build_idle_sampler() -> "BaseSampler":
    """Build a sampler that does nothing after a trial."""
    sampler: BaseSampler = import_optuna().samplers.RandomSampler(0)
    return sampler


def ask(study: "Study") -> "Trial":
    """Begin a trial."""
    with warnings.catch_warnings():
        # Optuna expects signs of life of its own loop; here a worker gives them.
        warnings.filterwarnings("ignore", "Heartbeat of storage")
        return study.ask()


def enqueue_again(study: "Study", trial: "FrozenTrial") -> None:
    """Let a trial that died be trained again, once.

    One that died while its values were chosen is chosen anew: the rest would not be what it was.
    """
    params = trial.params if "claim" in trial.user_attrs else trial.system_attrs.get("fixed_params")
    trials = study.get_trials(deepcopy=False)
    if params is None or any(each.user_attrs.get("again") == trial.number for each in trials):
        return
    kept = {key: value for key, value in trial.user_attrs.items() if key == "given"}
    study.enqueue_trial(params, user_attrs={"again": trial.number, **kept})


def fail_stale(study: "Study") -> None:
    """Give up the trials of a database that have shown no sign of life for too long."""
    optuna = import_optuna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)


def enqueue_first(study: "Study", config: RunConfig, trials: "Sequence[FrozenTrial]") -> bool:
    """Let the config as given be the next trial, then what is to be tried first, each once.

    One at a time, so that one that died is trained again before the others.

    Args:
        study: Of the search.
        config: With its space.
        trials: All of the study.

    Returns:
        Whether there was one.
    """
    known = {0 for each in trials if each.user_attrs.get("given")}
    known |= {each.user_attrs["first"] for each in trials if "first" in each.user_attrs}
    points = [{}, *(point.values for point in config.search.try_first)]
    left = [place for place in range(len(points)) if place not in known]
    if not left or any(each.state.name == "WAITING" for each in trials):
        return False
    mark = {"first": left[0]} if left[0] else {"given": True}
    study.enqueue_trial(_list_params(config, points[left[0]]), user_attrs=mark)
    return True


def _list_params(config: RunConfig, changed: Mapping[str, Any]) -> dict[str, Any]:
    """List a point of the space as Optuna keeps it; what lies outside is left to the sampler."""
    axes = {axis.path: axis for axis in config.search.space}
    if not changed:
        return {path: to_word(value) for path, value in (find_given(config) or {}).items()}
    found = find_point(config, changed)
    return {path: to_word(value) for path, value in found.items() if axes[path].holds(value)}


def is_told(trial: "FrozenTrial") -> bool:
    """Return whether a trial has ended, and not been given up by a process that died."""
    state = trial.state.name
    return state in ("COMPLETE", "PRUNED") or (state == "FAIL" and "reason" in trial.user_attrs)


def gain(score: str, value: float, other: float) -> float:
    """Return by how much a value of a score is better than another; a loss is better if lower.

    Rounded to 12 digits: .86 is better than .85 by no more than .01.
    """
    return round(other - value if score == "loss" else value - other, 12)
