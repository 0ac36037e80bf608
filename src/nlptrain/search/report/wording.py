"""Trials of a search as people read them."""

from typing import Any

from nlptrain.comparison.protocol.contestants import shorten_paths
from nlptrain.comparison.statistics import wording
from nlptrain.comparison.statistics.intervals import Mean
from nlptrain.config.run import RunConfig
from nlptrain.search.results import SearchTrial
from nlptrain.search.study import objectives_of

NAMES = {
    "accuracy": "validation accuracy",
    "macro_f1": "validation macro F1",
    "loss": "validation loss",
    "parameters": "parameters",
    "seconds": "seconds of training",
    "model_bytes": "bytes of the model",
}
"""What an objective is called."""


MEASURES = {"accuracy": "accuracy", "macro_f1": "macro F1", "loss": "loss"}
"""What a score on the test split is called."""


def say_score(config: RunConfig, trial: SearchTrial) -> str:
    """Write a trial's validation score of what is looked for: `92.31 %`, or a loss."""
    name = objectives_of(config)[0]
    return say_number(name, None if trial.result is None else getattr(trial.result, name))


def say_number(name: str, value: float | None) -> str:
    """Write a value of an objective."""
    if value is None:
        return "–"
    if name in ("accuracy", "macro_f1"):
        return f"{100 * value:.2f} %"
    return f"{value:,.0f}" if name in ("parameters", "model_bytes") else f"{value:.4g}"


def say_mean(measure: str, mean: Mean) -> str:
    """Write a mean score on the test split and its range."""
    return wording.loss(mean) if measure == "loss" else wording.percent(mean)


def say_values(trial: SearchTrial) -> str:
    """Write a trial's settings, each under its last name: `type cnn, channels 64`."""
    names = shorten_paths(list(trial.values))
    return ", ".join(f"{names[path]} {say_value(value)}" for path, value in trial.values.items())


def say_value(value: Any) -> str:
    """Write a value as in a config."""
    return value if isinstance(value, str) else wording.say_value(value)
