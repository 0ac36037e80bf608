"""Numbers of a comparison as people read them: the same in the terminal, in figures and pages."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nlptrain.comparison.statistics.intervals import Mean


def percent(mean: Mean) -> str:
    """Write a mean accuracy and its range: `98.52 % [98.10, 98.90]`."""
    if math.isnan(mean.value):
        return "–"
    return _with_interval(mean, lambda value: f"{100 * value:.2f}", " %")


def loss(mean: Mean) -> str:
    """Write a mean loss and its range: `0.0431 [0.0402, 0.0473]`."""
    if math.isnan(mean.value):
        return "–"
    return _with_interval(mean, lambda value: f"{value:#.3g}", "")


def short_percent(share: float) -> str:
    """Write an accuracy shortly: `98.5 %`."""
    return "–" if math.isnan(share) else f"{100 * share:.1f} %"


def points(mean: Mean, *, signed: bool) -> str:
    """Write a difference of accuracies: `1.20 points of accuracy [0.40, 2.00]`."""
    sign = "+" if signed else ""
    return _with_interval(mean, lambda value: f"{100 * value:{sign}.2f}", " points of accuracy")


def loss_difference(mean: Mean, *, signed: bool) -> str:
    """Write a difference of losses: `0.0100 in test loss [0.00200, 0.0300]`."""
    sign = "+" if signed else ""
    return _with_interval(mean, lambda value: f"{value:{sign}#.3g}", " in test loss")


def times_the_steps(mean: Mean) -> str:
    """Write a ratio of steps: `0.77 times the steps to the target [0.69, 0.85]`."""
    return _with_interval(mean, lambda value: f"{value:.2f}", " times the steps to the target")


def p_value(value: float) -> str:
    """Write a p-value: `p = 0.012` or `p < 0.001`."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def _with_interval(mean: Mean, write: Callable[[float], str], unit: str) -> str:
    interval = f" [{write(mean.low)}, {write(mean.high)}]" if mean.has_interval else ""
    return f"{write(mean.value)}{unit}{interval}".replace("-", "−")


def enumerate_names(names: Sequence[str]) -> str:
    """Join names: `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def say_settings(settings: Mapping[str, Any]) -> str:
    """Write values of settings: `weight_decay 0.01, betas [0.9, 0.99]`."""
    return ", ".join(f"{name} {say_value(value)}" for name, value in settings.items())


def say_values(values: Iterable[object]) -> str:
    """List values: `0, 0.01`."""
    return ", ".join(map(say_value, values))


def say_value(value: object) -> str:
    """Write a setting's value as in a config: `0.01`, `true`, `[0.9, 0.99]`."""
    if isinstance(value, list):
        return f"[{say_values(value)}]"
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)


def loss_unit(kind: str) -> str:
    """Return a loss's unit as an axis shows it: nats for those made of logarithms."""
    return " (nats)" if kind in ("bce", "cross_entropy") else ""
