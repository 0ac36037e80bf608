"""Loss curves of several optimizers side by side, as one picture."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlptrain.reporting.literal import literal
from nlptrain.storage import write_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, told apart by colour-blind readers too; yellow is too pale on white.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_LINE_STYLES = ("-", "--", "-.", ":")
_LOG_FROM_RATIO = 20
_MOST_MARKED = 20


@dataclass(frozen=True)
class Curves:
    """One optimizer's losses, a row a seed.

    Attributes:
        steps: Updates before each loss: (S,).
        losses: Not finite where a training went astray: (seeds, S).
    """

    steps: NDArray[np.int64]
    losses: NDArray[np.float64]


def draw_curves(path: Path, panels: Mapping[str, Mapping[str, Curves]]) -> None:
    """Draw a panel for each loss, in it a line for each optimizer: the mean over its seeds.

    A band spans the lowest and the highest seed. The line ends where a seed's loss is not finite.

    Args:
        path: The PNG, replaced whole.
        panels: Curves by optimizer, by what the vertical axis shows: "validation loss (nats)".

    Raises:
        RunFolderError: The file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5 * len(panels), 4.4), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for panel, (label, series) in zip(axes, panels.items(), strict=True):
        _draw_panel(panel, series)
        panel.set(xlabel="step (updates)", ylabel=label)
    handles, names = axes[0].get_legend_handles_labels()
    legend = figure.legend(
        handles, names, loc="outside lower center", ncols=3 * len(panels), frameon=False
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    seeds = max(len(curves.losses) for series in panels.values() for curves in series.values())
    if seeds > 1:
        figure.suptitle(f"mean over {seeds} seeds; band: lowest to highest seed", fontsize=10)
    picture = io.BytesIO()
    # A tight box grows by what a legend of long names needs.
    figure.savefig(picture, format="png", dpi=150, bbox_inches="tight")
    write_atomic(path, picture.getvalue())


def _draw_panel(axes: "Axes", series: Mapping[str, Curves]) -> None:
    styles = zip(cycle(_COLOURS), cycle(_LINE_STYLES), strict=False)
    means = []
    for (name, curves), (colour, line_style) in zip(series.items(), styles, strict=False):
        losses = np.where(np.isfinite(curves.losses), curves.losses, np.nan)
        mean = losses.mean(axis=0)
        means.append(mean)
        axes.plot(
            curves.steps,
            mean,
            color=colour,
            linestyle=line_style,
            linewidth=1.6,
            marker="." if len(curves.steps) <= _MOST_MARKED else "",
            label=literal(name),
        )
        axes.fill_between(
            curves.steps,
            losses.min(axis=0),
            losses.max(axis=0),
            color=colour,
            alpha=0.2,
            linewidth=0,
        )
    if _spans_decades(np.concatenate(means)):
        axes.set_yscale("log")
    axes.grid(visible=True, alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _spans_decades(losses: NDArray[np.float64]) -> bool:
    positive = losses[losses > 0]
    return positive.size > 0 and bool(positive.max() > _LOG_FROM_RATIO * positive.min())
