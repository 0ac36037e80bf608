"""All settings of each trial as a line from axis to axis, coloured by its score."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nlptrain.comparison.figures.style import leave_as_it_is, new_panels, shorten, to_svg
from nlptrain.comparison.protocol.contestants import shorten_paths
from nlptrain.config.search_axes import Axis, Span
from nlptrain.search.report.wording import NAMES, say_value
from nlptrain.search.results import SearchTrial, rank_trials, values_of
from nlptrain.search.run import Found
from nlptrain.search.study import objectives_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEWEST = 2


def draw_parallel(found: Found) -> bytes | None:
    """Draw the finished trials, the best on top; None where there are too few, or one axis."""
    ranked = rank_trials(found.config, found.trials)
    space = [
        axis for axis in found.config.search.space if any(axis.path in t.values for t in ranked)
    ]
    if len(ranked) < _FEWEST or len(space) < _FEWEST:
        return None
    figure, (axes,) = new_panels((max(7.5, 1.3 * len(space)), 4), (1, 1), left=0.9, bottom=0.9)
    _draw_lines(axes, found, ranked, space)
    names = shorten_paths([axis.path for axis in space])
    axes.set_xticks(
        range(len(space)), [shorten(names[a.path]) for a in space], rotation=15, fontsize=8
    )
    leave_as_it_is(axes.get_xticklabels())
    axes.set_yticks([])
    axes.set(ylim=(-0.08, 1.08), xlim=(-0.4, len(space) - 0.6))
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    for place, axis in enumerate(space):
        axes.axvline(place, color="#999999", linewidth=0.8)
        _name_ends(axes, place, axis)
    return to_svg(figure, "All settings of the finished trials")


def _draw_lines(
    axes: "Axes", found: Found, ranked: Sequence[SearchTrial], space: Sequence[Axis]
) -> None:
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    score = objectives_of(found.config)[0]
    scale = 1 if score == "loss" else 100
    values = [scale * values_of(found.config, trial)[0] for trial in ranked]
    norm = Normalize(min(values), max(values))
    colours = ScalarMappable(norm, colormaps["viridis_r" if score == "loss" else "viridis"])
    shades = colours.to_rgba(np.array(values))
    for trial, shade in reversed(list(zip(ranked, shades, strict=True))):
        # A setting that a trial does not have leaves a gap.
        heights = [height_of(axis, trial) for axis in space]
        axes.plot(range(len(space)), heights, color=shade, marker="o", markersize=3)
    bar = axes.figure.colorbar(colours, ax=axes, pad=0.02)
    bar.set_label(NAMES[score] + (" (%)" if score != "loss" else ""))


def height_of(axis: Axis, trial: SearchTrial) -> float:
    """Return where a trial crosses an axis, from 0 to 1; NaN where it has no such setting."""
    value = trial.values.get(axis.path, math.nan)
    if not isinstance(axis, Span):
        if axis.path not in trial.values:
            return math.nan
        values = axis.list_values()
        return values.index(value) / max(len(values) - 1, 1)
    low, high = axis.low, axis.high
    if axis.log:
        low, high, value = math.log(low), math.log(high), math.log(value)
    return float((value - low) / (high - low))


def _name_ends(axes: "Axes", place: int, axis: Axis) -> None:
    """Write the values beside an axis: the ends of a span, or all of a list."""
    values = [axis.low, axis.high] if isinstance(axis, Span) else axis.list_values()
    for rank, value in enumerate(values):
        height = rank / max(len(values) - 1, 1)
        text = axes.text(place + 0.03, height, shorten(say_value(value)), fontsize=7, va="bottom")
        leave_as_it_is([text])
