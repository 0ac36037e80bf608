"""Searched settings in Optuna's words."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nlptrain.config.search_axes import Axis, Choices, Space

if TYPE_CHECKING:
    from optuna import Trial


def suggest(trial: "Trial", axis: Axis, is_whole: bool) -> Any:
    """Let a trial choose the value of a setting.

    Args:
        trial: Of a study.
        axis: The setting.
        is_whole: Whether the setting is a whole number.
    """
    if isinstance(axis, Choices):
        words = [to_word(value) for value in axis.list_values()]
        return from_word(axis, trial.suggest_categorical(axis.path, words))
    if is_whole:
        step = 1 if axis.step is None else int(axis.step)
        low, high = int(axis.low), int(axis.high)
        return trial.suggest_int(axis.path, low, high, step=step, log=axis.log)
    return trial.suggest_float(
        axis.path, float(axis.low), float(axis.high), step=axis.step, log=axis.log
    )


def to_word(value: Any) -> str | float | bool | None:
    """Write a value as Optuna keeps it: a list or a section as JSON."""
    return json.dumps(value) if isinstance(value, list | dict) else value


def from_word(axis: Axis, word: Any) -> Any:
    """Return the value that Optuna keeps as this."""
    if not isinstance(axis, Choices):
        return word
    return next(each for each in axis.list_values() if to_word(each) == word)


def read_params(space: Space, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a trial by path, from Optuna's."""
    axes = {axis.path: axis for axis in space}
    return {path: from_word(axes[path], word) for path, word in params.items() if path in axes}


def grid_of(space: Space) -> dict[str, list[Any]]:
    """List all values of each setting, as GridSampler takes them."""
    return {axis.path: [to_word(value) for value in axis.list_values()] for axis in space}
