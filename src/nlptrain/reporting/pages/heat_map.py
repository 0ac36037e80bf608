"""A heat map as the parts of a picture in SVG, whose colours are those of the page's style."""

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlptrain.reporting.worked_example import HeatMap

LEVELS = 50
"""Shades on either side of zero; a line in SVG for each run of one shade keeps pages small."""
MOST_ROWS, MOST_COLUMNS = 256, 400
"""As many are shown, as on the page of a network."""
WIDTH = 864
"""Pixels between the margins of a page on a wide screen."""
LETTER, WIDE_LETTER = 8, 13
"""Pixels that a letter takes, and one as wide as high, as in Chinese."""
LABEL_HEIGHT = 20


@dataclass(frozen=True)
class Shade:
    """All cells of one colour.

    Attributes:
        side: `for` above zero, `against` below.
        share: Of the full colour, in percent.
        path: Lines through the cells, in units of cells.
    """

    side: str
    share: int
    path: str


@dataclass(frozen=True)
class Label:
    """A name beside the cells.

    Attributes:
        text: The name.
        at: Its place: the middle of its column or row, in pixels.
        squeezed: The width that it has to fit into, in pixels; None if it does.
    """

    text: str
    at: float
    squeezed: float | None = None


@dataclass(frozen=True)
class Picture:
    """A heat map, drawn.

    Attributes:
        shape: Rows and columns that are shown.
        left: Pixels for the rows' names.
        top: Pixels for the columns' names.
        cell: Width and height of a cell, in pixels.
        rows: Their names.
        columns: Their names.
        shades: The colours.
        scale: The number that has the full colour.
        is_cut: Whether there are more rows or columns.
    """

    shape: tuple[int, int]
    left: int
    top: int
    cell: tuple[int, int]
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    shades: tuple[Shade, ...]
    scale: str
    is_cut: bool

    @property
    def has_lines(self) -> bool:
        """Whether cells are large enough for lines between them."""
        return self.cell[0] >= 9 and self.cell[1] >= 12


def draw(heat_map: HeatMap) -> Picture:
    """Draw a heat map of at least one number."""
    values = heat_map.values[:MOST_ROWS, :MOST_COLUMNS]
    rows, columns = values.shape
    left = max((_measure(name) + LETTER for name in heat_map.rows), default=0)
    width = min(22, max(7, (WIDTH - left) // columns))
    height = next(
        size for most, size in ((4, 22), (16, 14), (64, 8), (MOST_ROWS, 4)) if rows <= most
    )
    top = LABEL_HEIGHT if heat_map.columns else 0
    scale = _find_scale(values)
    return Picture(
        shape=(rows, columns),
        left=left,
        top=top,
        cell=(width, height),
        rows=tuple(
            Label(name, top + (place + 0.5) * height) for place, name in enumerate(heat_map.rows)
        ),
        columns=tuple(
            Label(name, left + (place + 0.5) * width, _squeeze(name, 1.2 * width))
            for place, name in enumerate(heat_map.columns[:columns])
        ),
        shades=tuple(_shade(values / scale)),
        scale=f"{scale:.4f}" if scale < 1e5 else f"{scale:.3e}",
        is_cut=values.size < heat_map.values.size,
    )


def _measure(name: str) -> int:
    """Return the width of a name, in pixels."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in name)
    return LETTER * len(name) + (WIDE_LETTER - LETTER) * wide


def _squeeze(name: str, width: float) -> float | None:
    return round(width, 1) if _measure(name) > width else None


def _find_scale(values: NDArray[np.floating]) -> float:
    """Return the largest absolute value that is finite; 1 if all are 0."""
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0


def _shade(strengths: NDArray[np.floating]) -> list[Shade]:
    """Gather the cells by colour; zeros, and what is no number, have none."""
    levels = np.rint(np.clip(np.nan_to_num(strengths, nan=0.0), -1, 1) * LEVELS).astype(int)
    lines: dict[int, list[str]] = {}
    for row, cells in enumerate(levels):
        ends = [0, *(np.flatnonzero(np.diff(cells)) + 1).tolist(), len(cells)]
        for begin, end in pairwise(ends):
            lines.setdefault(int(cells[begin]), []).append(f"M{begin} {row}h{end - begin}")
    return [
        Shade(
            "for" if level > 0 else "against",
            round(100 * abs(level) / LEVELS),
            "".join(lines[level]),
        )
        for level in sorted(lines)
        if level
    ]
