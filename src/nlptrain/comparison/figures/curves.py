"""Training and validation loss against steps: the final trials of every contestant."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlptrain.comparison.figures.style import (
    Look,
    add_legend,
    clean,
    cross_out,
    legend_height,
    looks_of,
    new_panels,
    rule_in_decades,
    spans_decades,
    to_svg,
)
from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.wording import loss_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 10
_MARKS_A_LINE = 8
_BAND_ALPHA = 0.12


def draw_curves(results: Results) -> bytes:
    """Draw mean lines in bands from the lowest to the highest seed; diverged trials one by one."""
    looks = looks_of(results)
    below = legend_height(looks, _WIDTH)
    figure, panels = new_panels((_WIDTH, 3.9 + below), (1, 2), bottom=below)
    unit = loss_unit(results.protocol.loss)
    for axes, split in zip(panels, ("training", "validation"), strict=True):
        field = "train_losses" if split == "training" else "validation_losses"
        _draw_panel(axes, results, looks, field)
        axes.set(xlabel="step (updates)", ylabel=f"{split} loss{unit}")
    add_legend(figure, panels[0], looks)
    return to_svg(figure, "Loss while training")


def line_up(trials: list[TrialRecord], field: str) -> tuple[list[int], NDArray[np.float64]]:
    """Line trials up by step, as far as all of them got.

    Returns:
        The steps, and the values (trials, steps).
    """
    if not trials:
        return [], np.empty((0, 0))
    rows = [dict(zip(trial.steps, getattr(trial, field), strict=True)) for trial in trials]
    steps = sorted(set.intersection(*map(set, rows)))
    return steps, np.array([[row[step] for step in steps] for row in rows], np.float64)


def _draw_panel(axes: "Axes", results: Results, looks: dict[str, Look], field: str) -> None:
    means: list[float] = []
    spread: list[float] = []
    lost: list[tuple[TrialRecord, Look]] = []
    for place, (name, look) in enumerate(looks.items()):
        trials = results.of(name, "final")
        lost.extend((trial, look) for trial in trials if trial.diverged)
        steps, values = line_up([trial for trial in trials if not trial.diverged], field)
        _draw_contestant(axes, steps, values, look, place)
        means.extend(values.mean(axis=0) if values.size else [])
        spread.extend(values.flat)
    if spans_decades(means):
        axes.set_yscale("log")
    if spread:
        _keep_in_view(axes, spread)
    for trial, look in lost:
        _draw_diverged(axes, trial.steps, getattr(trial, field), look)
    if axes.get_yscale() == "log":
        rule_in_decades(axes.yaxis)
    clean(axes)


def _draw_contestant(
    axes: "Axes", steps: list[int], values: NDArray[np.float64], look: Look, place: int
) -> None:
    """Draw the mean over the seeds in its band; each contestant's marks begin elsewhere."""
    every = max(1, len(steps) // _MARKS_A_LINE)
    axes.plot(
        steps,
        values.mean(axis=0) if values.size else [],
        markevery=(place % every, every),
        **look.strokes,
    )
    if len(values) > 1:
        low, high = values.min(axis=0), values.max(axis=0)
        axes.fill_between(steps, low, high, color=look.colour, alpha=_BAND_ALPHA, linewidth=0)


def _draw_diverged(axes: "Axes", steps: Sequence[int], values: Sequence[float], look: Look) -> None:
    """Draw a thin line to where the trial was last evaluated, and a cross there or at the edge."""
    axes.plot(steps, values, color=look.colour, linestyle=look.line, linewidth=0.7)
    step, value = (steps[-1], values[-1]) if steps else (0, math.inf)
    height = min(value, axes.get_ylim()[1])
    cross_out(axes, [step], [height], look, clip_on=False)


def _keep_in_view(axes: "Axes", values: list[float]) -> None:
    """Scale to the trials that did not diverge; the others may leave the picture."""
    low, high = min(values), max(values)
    if axes.get_yscale() == "log":
        low = min(value for value in values if value > 0)
        axes.set_ylim(low / 1.3, high * 1.3)
    else:
        margin = 0.05 * (high - low) or 0.05 * abs(high) or 0.05
        axes.set_ylim(low - margin, high + margin)
