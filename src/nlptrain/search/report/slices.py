"""The score against each searched setting."""

from typing import TYPE_CHECKING, Any

from nlptrain.comparison.figures.style import (
    GREY,
    clean,
    leave_as_it_is,
    new_panels,
    rule_in_decades,
    shorten,
    to_svg,
)
from nlptrain.comparison.protocol.contestants import shorten_paths
from nlptrain.config.search_axes import Axis, Span
from nlptrain.search.report.wording import NAMES, say_value
from nlptrain.search.run import Found
from nlptrain.search.study import objectives_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 3
_MARKS = {"finished": ("o", "#0072B2"), "pruned": ("x", GREY)}
_LONGEST = 12


def draw_slices(found: Found) -> bytes | None:
    """Draw a panel a setting: each trial's value and score."""
    axes_of = [axis for axis in found.config.search.space if _values(found, axis)]
    if not axes_of:
        return None
    columns = min(_COLUMNS, len(axes_of))
    rows = -(-len(axes_of) // columns)
    size = (0.8 + 3.1 * columns, 0.4 + 2.7 * rows)
    figure, panels = new_panels(size, (rows, columns), gaps=(0.45, 0.8), share_rows=True)
    names = shorten_paths([axis.path for axis in axes_of])
    for axis, panel in zip(axes_of, panels, strict=False):
        _draw(panel, found, axis)
        panel.set_xlabel(names[axis.path])
        clean(panel)
    for panel in panels[len(axes_of) :]:
        panel.set_visible(False)
    score = objectives_of(found.config)[0]
    for panel in panels[::columns]:
        panel.set_ylabel(NAMES[score] + (" (%)" if score != "loss" else ""))
    return to_svg(figure, "Score against each setting")


def _values(found: Found, axis: Axis) -> list[Any]:
    return [t.values[axis.path] for t in found.trials if t.result and axis.path in t.values]


def _draw(panel: "Axes", found: Found, axis: Axis) -> None:
    score = objectives_of(found.config)[0]
    scale = 1 if score == "loss" else 100
    for state, (mark, colour) in _MARKS.items():
        shown = [t for t in found.trials if t.state == state and t.result and t.repeats is None]
        shown = [t for t in shown if axis.path in t.values]
        across = [_place(axis, t.values[axis.path]) for t in shown]
        up = [scale * getattr(t.result, score) for t in shown]
        panel.plot(across, up, mark, color=colour, markersize=4)
    if isinstance(axis, Span):
        if axis.log:
            panel.set_xscale("log")
            rule_in_decades(panel.xaxis)
            panel.tick_params(axis="x", labelsize=7, rotation=30)
        return
    labels = [_label(value) for value in axis.list_values()]
    panel.set_xticks(range(len(labels)), labels, rotation=20, fontsize=8)
    panel.set_xlim(-0.5, len(labels) - 0.5)
    leave_as_it_is(panel.get_xticklabels())


def _label(value: Any) -> str:
    text = shorten(say_value(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _place(axis: Axis, value: Any) -> float:
    """Place a value on an axis: a number where it is, one of several by its rank."""
    return float(value if isinstance(axis, Span) else axis.list_values().index(value))
