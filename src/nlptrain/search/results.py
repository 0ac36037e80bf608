"""What is known of a search: its trials, and which of them is taken."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from nlptrain.config.run import RunConfig
from nlptrain.config.search import SearchSection
from nlptrain.config.space import find_given, sample_config
from nlptrain.errors import TrainingError
from nlptrain.search.space import read_params
from nlptrain.search.study import gain, is_told, objectives_of
from nlptrain.search.trial import TrialResult

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

State = Literal["finished", "pruned", "diverged", "refused", "running"]


@dataclass(frozen=True)
class SearchTrial:
    """One trial of a search.

    Attributes:
        number: Its place among those that were proposed, from 1.
        state: finished; pruned, ended early; diverged; refused, as no config may be so; running.
        values: The searched settings that it has, by path.
        result: How its training went; None where it has not ended, or was refused.
        given: Whether it is the config as given.
        repeats: The number of the trial whose result it took, as its config was the same.
        reason: Why it was refused.
    """

    number: int
    state: State
    values: dict[str, Any] = field(default_factory=dict)
    result: TrialResult | None = None
    given: bool = False
    repeats: int | None = None
    reason: str | None = None


def read_trials(config: RunConfig, trials: "Sequence[FrozenTrial]") -> list[SearchTrial]:
    """Read a study's trials in their order, without those that were given up with their process.

    Numbers count what is read: a search that was interrupted has the numbers of one that was not.
    """
    known = [each for each in trials if is_told(each) or each.state.name == "RUNNING"]
    numbers = {each.number: place for place, each in enumerate(known, 1)}
    return [_read(config, each, numbers) for each in known]


def _read(config: RunConfig, trial: "FrozenTrial", numbers: dict[int, int]) -> SearchTrial:
    attributes = trial.user_attrs
    result = TrialResult(**attributes["result"]) if "result" in attributes else None
    given = bool(attributes.get("given"))
    values = read_params(config.search.space, trial.params)
    return SearchTrial(
        number=numbers[trial.number],
        state=_state_of(trial, result),
        values=values or (find_given(config) or {} if given else {}),
        result=result,
        given=given,
        repeats=numbers.get(attributes.get("repeats", -1)),
        reason=attributes.get("reason"),
    )


def _state_of(trial: "FrozenTrial", result: TrialResult | None) -> State:
    if result is not None and result.diverged:
        return "diverged"
    states: dict[str, State] = {"COMPLETE": "finished", "PRUNED": "pruned", "FAIL": "refused"}
    return states.get(trial.state.name, "running")


def values_of(config: RunConfig, trial: SearchTrial) -> tuple[float, ...]:
    """Return what a finished trial came to in each objective."""
    return tuple(float(getattr(trial.result, name)) for name in objectives_of(config))


def rank_trials(config: RunConfig, trials: Sequence[SearchTrial]) -> list[SearchTrial]:
    """Sort the finished trials, the best score first, then the lower loss, then the smaller one.

    The trial of a repeated config is left out.
    """
    score = objectives_of(config)[0]

    def rank(trial: SearchTrial) -> tuple[float, float, int, int]:
        value, loss, parameters = (
            float(getattr(trial.result, name)) for name in (score, "loss", "parameters")
        )
        return (value if score == "loss" else -value, loss, int(parameters), trial.number)

    return sorted((t for t in trials if t.state == "finished" and t.repeats is None), key=rank)


def find_front(config: RunConfig, trials: Sequence[SearchTrial]) -> list[SearchTrial]:
    """Return the finished trials that no other beats in both objectives, the best score first.

    With one objective that is the best alone.
    """
    ranked = rank_trials(config, trials)
    if len(objectives_of(config)) == 1:
        return ranked[:1]
    front, smallest = [], math.inf
    for trial in ranked:
        cost = values_of(config, trial)[1]
        if cost < smallest:
            front.append(trial)
            smallest = cost
    return front


def choose_trial(config: RunConfig, trials: Sequence[SearchTrial]) -> SearchTrial:
    """Choose the trial that is taken: the best, or the smallest that is about as good.

    Raises:
        TrainingError: No trial has finished.
    """
    front = find_front(config, trials)
    if not front:
        raise TrainingError(
            "no trial has finished: all were refused, diverged or were ended early; "
            "allow more of them (--trials), or narrow search.space"
        )
    if config.search.prefer == "best":
        return front[0]
    score, values = objectives_of(config)[0], [values_of(config, trial)[0] for trial in front]
    tolerance = config.search.tolerance
    return [
        trial
        for trial, value in zip(front, values, strict=True)
        if gain(score, values[0], value) <= tolerance
    ][-1]


def rebuild_config(config: RunConfig, trial: SearchTrial) -> RunConfig:
    """Build the config of a trial, as it stands alone: without a search."""
    if trial.given:
        return config.model_copy(update={"search": SearchSection()})
    found, _ = sample_config(config, lambda axis, _: trial.values[axis.path])
    return found
