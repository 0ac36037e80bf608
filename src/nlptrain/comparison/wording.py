"""Numbers of a comparison as people read them: the same in the terminal, in figures and pages."""

import math
from collections.abc import Sequence

from nlptrain.comparison.intervals import Mean


def percent(mean: Mean) -> str:
    """Write an accuracy and its interval: `98.52 % [98.10, 98.90]`."""
    if math.isnan(mean.value):
        return "–"
    interval = f" [{100 * mean.low:.2f}, {100 * mean.high:.2f}]" if mean.has_interval else ""
    return f"{100 * mean.value:.2f} %{interval}"


def loss(mean: Mean) -> str:
    """Write a loss and its interval: `0.0431 [0.0402, 0.0473]`."""
    if math.isnan(mean.value):
        return "–"
    interval = f" [{mean.low:#.3g}, {mean.high:#.3g}]" if mean.has_interval else ""
    return f"{mean.value:#.3g}{interval}"


def points(mean: Mean, *, signed: bool) -> str:
    """Write a difference of accuracies: `1.20 points of accuracy [0.40, 2.00]`."""
    sign = "+" if signed else ""
    interval = f" [{100 * mean.low:{sign}.2f}, {100 * mean.high:{sign}.2f}]"
    return f"{100 * mean.value:{sign}.2f} points of accuracy" + interval * mean.has_interval


def signed_loss(mean: Mean, *, signed: bool) -> str:
    """Write a difference of losses: `0.0100 in test loss [0.0020, 0.0300]`."""
    sign = "+" if signed else ""
    interval = f" [{mean.low:{sign}#.3g}, {mean.high:{sign}#.3g}]"
    return f"{mean.value:{sign}#.3g} in test loss" + interval * mean.has_interval


def enumerate_names(names: Sequence[str]) -> str:
    """Join names: `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def loss_unit(kind: str) -> str:
    """Give a loss's unit as an axis shows it: nats for those made of logarithms."""
    return " (nats)" if kind in ("bce", "cross_entropy") else ""
