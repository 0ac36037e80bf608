"""How the figures of a comparison look: a contestant has one colour, line and mark in them all.

Drawn without pyplot, which would keep every figure in memory and look for a screen.
"""

import io
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nlptrain.comparison.results import Results
from nlptrain.reporting.literal import literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by colour-blind readers too; yellow is too pale on white.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#808080")
_LINES = ("-", "--", "-.", ":")
_MARKS = ("o", "s", "^", "D", "v", "P", "<", ">", "p", "h", "*", "d")
_LONGEST_NAME = 32
_LETTER_WIDTH = 0.075
_DECADES_FROM_RATIO = 10
_FEW_DECADES = 2.5
_TOP = 0.15
_DOTS_PER_INCH = 72  # an SVG is measured in points
GREY = "#666666"
_TIMELESS = {"Date": None, "Creator": None}


@dataclass(frozen=True)
class Look:
    """What sets a contestant apart: any one of the three does, in grey print too.

    Attributes:
        colour: Of line, mark and band.
        line: matplotlib's line style.
        mark: matplotlib's marker.
        label: The name as shown.
    """

    colour: str
    line: str
    mark: str
    label: str

    @property
    def strokes(self) -> dict[str, Any]:
        """What matplotlib draws the contestant's line with."""
        return {
            "color": self.colour,
            "linestyle": self.line,
            "marker": self.mark,
            "markersize": 4.5,
            "linewidth": 1.6,
            "label": self.label,
        }


def looks_of(results: Results) -> dict[str, Look]:
    """Assign every contestant its look, by name, in the protocol's order."""
    looks = {}
    for place, contestant in enumerate(results.protocol.contestants):
        # Where colours begin again, lines are shifted by one: no two contestants share both.
        shifted = place + place // len(_COLOURS)
        looks[contestant.name] = Look(
            _COLOURS[place % len(_COLOURS)],
            _LINES[shifted % len(_LINES)],
            _MARKS[place % len(_MARKS)],
            shorten(contestant.name),
        )
    return looks


def shorten(name: str) -> str:
    """Show a name on one line of bounded length."""
    shown = literal(name)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"


def new_panels(
    size: tuple[float, float],
    grid: tuple[int, int],
    *,
    left: float = 0.8,
    bottom: float = 0.55,
    gaps: tuple[float, float] = (0.75, 0.55),
    share_rows: bool = False,
) -> "tuple[Figure, list[Axes]]":
    """Begin a figure of panels with room for names, given in inches.

    matplotlib could measure that room itself, which takes longer than all the drawing.

    Args:
        size: Width and height of the figure.
        grid: Rows and columns of panels.
        left: Room for the vertical axis of the first column.
        bottom: Room below the last row.
        gaps: Room between columns and between rows.
        share_rows: Whether all panels have the first one's vertical axis.

    Returns:
        The figure, and its panels row by row.
    """
    from matplotlib.figure import Figure

    width, height = size
    rows, columns = grid
    figure = Figure(figsize=size, dpi=_DOTS_PER_INCH)
    panel_width = (width - left - 0.15 - gaps[0] * (columns - 1)) / columns
    panel_height = (height - bottom - _TOP - gaps[1] * (rows - 1)) / rows
    panels = figure.subplots(
        rows,
        columns,
        sharey=share_rows,
        squeeze=False,
        gridspec_kw={
            "left": left / width,
            "right": 1 - 0.15 / width,
            "bottom": bottom / height,
            "top": 1 - _TOP / height,
            "wspace": gaps[0] / panel_width,
            "hspace": gaps[1] / panel_height,
        },
    )
    return figure, list(panels.flat)


def clean(axes: "Axes") -> None:
    """Take the frame off, and rule lightly."""
    axes.grid(visible=True, alpha=0.3, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def legend_grid(looks: Mapping[str, Look], width: float) -> tuple[int, int]:
    """Return in how many rows and columns all names fit below a figure this wide, in inches."""
    longest = max(len(look.label) for look in looks.values())
    columns = max(1, min(len(looks), int((width - 0.4) / (0.75 + _LETTER_WIDTH * longest))))
    return -(-len(looks) // columns), columns


def legend_height(looks: Mapping[str, Look], width: float) -> float:
    """Return the room below the panels for axis and legend, in inches."""
    return 0.65 + 0.2 * legend_grid(looks, width)[0]


def add_legend(figure: "Figure", axes: "Axes", looks: Mapping[str, Look]) -> None:
    """Name what the axes show below the figure."""
    handles, names = axes.get_legend_handles_labels()
    legend = figure.legend(
        handles,
        names,
        loc="lower center",
        ncols=legend_grid(looks, figure.get_figwidth())[1],
        frameon=False,
        fontsize=9,
        handlelength=3.4,
    )
    leave_as_it_is(legend.get_texts())


def room_for(names: Iterable[str]) -> float:
    """Return the width of the longest line of the names beside an axis, in inches."""
    return 0.25 + _LETTER_WIDTH * max(len(line) for name in names for line in name.splitlines())


def cross_out(
    axes: "Axes", across: Sequence[float], up: Sequence[float], look: Look, **options: Any
) -> None:
    """Mark where trials diverged: the contestant's mark, hollow, with a cross over it."""
    hollow: dict[str, Any] = {"markerfacecolor": "white", "markersize": 8, "mew": 0.8}
    axes.plot(across, up, look.mark, color=look.colour, linestyle="", **hollow, **options)
    axes.plot(across, up, "x", color=look.colour, markersize=8, mew=1.8, **options)


def leave_as_it_is(texts: Iterable[object]) -> None:
    """Keep names of the user's from being read as formulas."""
    from matplotlib.text import Text

    for text in texts:
        if isinstance(text, Text):
            text.set_parse_math(False)


def rule_in_decades(axis: "Axis") -> None:
    """Write plain numbers, 0.01 or 20, on a logarithmic axis."""
    from matplotlib.ticker import LogLocator, NullLocator

    low, high = axis.get_view_interval()
    # Not of the ratio: losses of 0 in all but name make it overflow.
    few = math.log10(high) - math.log10(low) < _FEW_DECADES
    axis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if few else (1,)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: f"{value:g}")


def spans_decades(values: Sequence[float]) -> bool:
    """Return whether positive values differ so much that a logarithmic axis shows more."""
    positive = [value for value in values if math.isfinite(value) and value > 0]
    return bool(positive) and max(positive) > _DECADES_FROM_RATIO * min(positive)


def to_svg(figure: "Figure", title: str) -> bytes:
    """Draw the figure: sharp at any size, and from the same numbers the same bytes.

    Letters are outlines, so that the room measured for them is right whatever fonts a reader has.

    Args:
        figure: What is drawn.
        title: What programs that read pages aloud call it.
    """
    from matplotlib import rc_context

    picture = io.BytesIO()
    settings = rc_context({"svg.hashsalt": "nlptrain", "svg.fonttype": "path"})
    with settings, warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box.
        warnings.filterwarnings("ignore", "Glyph")
        figure.savefig(picture, format="svg", metadata={**_TIMELESS, "Title": title})
    return picture.getvalue()
