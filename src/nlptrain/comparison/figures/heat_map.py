"""The matrix as pictures: numbers on shades, hatched where nothing can be learnt."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nlptrain.comparison.encoders.answer import show_range
from nlptrain.comparison.encoders.entries import Grid
from nlptrain.comparison.encoders.matrix import Cell, mean
from nlptrain.comparison.figures.style import leave_as_it_is, new_panels, room_for, shorten, to_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW_HEIGHT = 0.42
_ABOVE = 0.75
_BELOW = 0.4
_COLUMN_WIDTH = 0.95
_DARKEST = 50
"""Percent: what is no better than a coin is all as dark."""
_WHITE_BELOW = 72
"""Percent up to which white numbers read better."""
_COLOURS = "cividis"  # rises evenly in grey too, and for the colour-blind

Rows = Sequence[tuple[str, Sequence[tuple[float, bool]]]]
"""A name, and for each encoder the accuracy in percent and whether it is an exact ceiling."""


def draw_heat_map(cells: Sequence[Sequence[Cell]], grid: Grid) -> bytes:
    """Draw the test accuracies at the lengths of training."""
    rows: Rows = [
        (
            f"{shorten(task.name)}\n{task.words}",
            [(100 * mean(cell.accuracies), cell.verdict == "cannot") for cell in row],
        )
        for task, row in zip(grid.tasks, cells, strict=True)
    ]
    return _draw("lengths as in training", rows, grid.encoders)


def draw_other_lengths(cells: Sequence[Sequence[Cell]], grid: Grid) -> bytes | None:
    """Draw the test accuracies at lengths that training never saw; None without any."""
    rows: Rows = [
        (
            f"{shorten(task.name)}\n{show_range(bounds)}",
            [_other(cell, place) for cell in row],
        )
        for task, row in zip(grid.tasks, cells, strict=True)
        for place, bounds in enumerate(task.ranges)
    ]
    return _draw("other lengths", rows, grid.encoders) if rows else None


def _other(cell: Cell, place: int) -> tuple[float, bool]:
    accuracies = cell.others[place] if cell.others else ()
    return 100 * mean(accuracies), cell.verdict == "cannot"


def _draw(title: str, rows: Rows, encoders: Sequence[str]) -> bytes:
    left = room_for([name for name, _ in rows])
    column = max(_COLUMN_WIDTH, room_for(map(shorten, encoders)))
    width = left + column * len(encoders) + 0.15
    height = _ROW_HEIGHT * len(rows) + _ABOVE + _BELOW
    figure, (axes,) = new_panels((width, height), (1, 1), left=left, bottom=_BELOW)
    right, top = 1 - (left + 0.15) / width, 1 - (_ABOVE + _BELOW) / height
    axes.set_position((left / width, _BELOW / height, right, top))
    _draw_panel(axes, rows, encoders)
    title = f"test accuracy (%), {title}"
    axes.set_title(title, fontsize=10, pad=22, loc="left")
    figure.text(0.15 / width, 0.12 / height, _LEGEND, fontsize=8.5)
    return to_svg(figure, title)


_LEGEND = "hatched, ×: 50 % by construction, whatever is trained   –: every seed diverged"


def _draw_panel(axes: "Axes", rows: Rows, encoders: Sequence[str]) -> None:
    from matplotlib.patches import Rectangle

    values = [[value for value, _ in row] for _, row in rows]
    axes.imshow(values, cmap=_COLOURS, vmin=_DARKEST, vmax=100, aspect="auto")
    for y, (_, row) in enumerate(rows):
        for x, (value, is_capped) in enumerate(row):
            style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9.5}
            ink = "white" if value < _WHITE_BELOW else "black"
            if is_capped:
                axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, **_HATCHED))
                style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
                ink = "black"
            axes.text(x, y, _write(value, is_capped=is_capped), color=ink, **style)
    axes.set_xticks(range(len(encoders)), [shorten(name) for name in encoders], fontsize=9)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=8.5)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axes.spines[:].set_visible(False)
    leave_as_it_is([*axes.get_xticklabels(), *axes.get_yticklabels()])


_HATCHED: dict[str, Any] = {
    "facecolor": "#d9d9d9",
    "edgecolor": "#595959",
    "hatch": "////",
    "linewidth": 0,
}


def _write(value: float, *, is_capped: bool) -> str:
    number = "–" if math.isnan(value) else f"{value:.1f}"
    return f"× {number}" if is_capped else number
