"""Arrays as small tables that fit into a terminal; anything left out is mentioned."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from nlptrain.numpy_nn.arrays import Floats
from nlptrain.reporting.literal import literal
from nlptrain.reporting.worked_example import NumberTable

SHOWN_COLUMNS = 8
SHOWN_POSITIONS = 20


@dataclass(frozen=True)
class Extent:
    """How much of an array is shown.

    Attributes:
        full: Whether to show everything, not only the first 8 columns and 20 positions.
    """

    full: bool

    def columns(self, count: int) -> int:
        """Return how many of this many columns are shown."""
        return count if self.full else min(count, SHOWN_COLUMNS)

    def positions(self, count: int) -> int:
        """Return how many of this many positions are shown."""
        return count if self.full else min(count, SHOWN_POSITIONS)

    def remark(self, *, positions: int = 0, columns: int = 0, of: str = "features") -> str:
        """Describe which positions and columns are shown; empty if all are."""
        parts: list[str] = []
        if self.positions(positions) < positions:
            parts.append(f"the first {SHOWN_POSITIONS} of {positions:,} positions")
        if self.columns(columns) < columns:
            parts.append(f"the first {SHOWN_COLUMNS} of {columns:,} {of}")
        return f"shown: {' and '.join(parts)}; --full shows all" if parts else ""


def matrix_tables(
    names: Sequence[str], rows: Floats, extent: Extent, column: str | None = None
) -> tuple[NumberTable, ...]:
    """Show a matrix (R, F), with one named row per position, and a single column's name."""
    shown = rows[: extent.positions(len(rows)), : extent.columns(rows.shape[1])]
    cells = [[number(value) for value in row] for row in shown.tolist()]
    header = [column] if column else numerals(shown.shape[1])
    return side_by_side("", header, list(zip(names, cells, strict=False)))


def matrix_remark(rows: Floats, extent: Extent, of: str = "features") -> str:
    """Describe what `matrix_tables` leaves out; empty for a matrix without rows."""
    if not len(rows):
        return ""
    return extent.remark(positions=len(rows), columns=rows.shape[1], of=of)


def shape(rows: Floats) -> str:
    """Format a matrix's shape as in the course: (4 × 5)."""
    return f"({rows.shape[0]:,} × {rows.shape[1]:,})"


def side_by_side(
    corner: str, header: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]
) -> tuple[NumberTable, ...]:
    """Split a wide table into tables of at most 8 columns, each with the row names."""
    return tuple(
        NumberTable(
            (corner, *header[begin : begin + SHOWN_COLUMNS]),
            tuple((name, *cells[begin : begin + SHOWN_COLUMNS]) for name, cells in rows),
        )
        for begin in range(0, len(header), SHOWN_COLUMNS)
        if rows
    )


def numerals(count: int) -> list[str]:
    """Number columns from 1."""
    return [str(place + 1) for place in range(count)]


def number(value: float) -> str:
    """Format a number with 4 decimals, zero without a sign; a huge one in scientific notation."""
    return f"{value:z.4f}" if abs(value) < 1e5 else f"{value:.3e}"


def signed(value: float) -> str:
    """Format a number with its sign, and zero without one."""
    text = number(value)
    return f"+{text}" if text.strip("0.") and value > 0 else text


def probability(value: float) -> str:
    """Format a probability to 4 decimals, or to more if it would be rounded to 0 or 1."""
    if value < 5e-5:
        return f"{value:.3g}"
    rest = 1 - value
    return f"{value:.4f}" if not 0 < rest < 5e-5 else f"{value:.{1 - floor(log10(rest))}f}"


def quote(label: str) -> str:
    """Quote a label, to distinguish it from the words around it."""
    return f"‘{literal(label)}’"


def show_character(character: str) -> str:
    """Show one character: spaces as ␣, control characters as escapes, marks on a dotted circle."""
    if character == " ":
        return "␣"
    return f"◌{character}" if unicodedata.combining(character) else literal(character)
