"""A worked example as text and cells, shared by the terminal and the HTML page."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLUE, RED = (33, 102, 172), (178, 24, 43)
"""Ends of a colour-blind safe diverging scale (ColorBrewer's RdBu)."""
MIN_STRENGTH = 0.05
"""Weaker scores get no background."""
STRONG = 0.75
"""Stronger scores get a light character."""


@dataclass(frozen=True)
class NumberTable:
    """A small table of numbers.

    Attributes:
        header: Column names; the first is that of the row names.
        rows: Cells, the row's name first.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class HeatMap:
    """The same numbers as colours, all of them, on the HTML page; a terminal shows tables alone.

    Attributes:
        rows: A name for each; empty if they are units, which the tables number.
        columns: A short name for each; empty likewise.
        values: The numbers (R, C).
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Step:
    """One step from the characters to the class.

    Attributes:
        title: Input, output and its shape.
        sentence: A description in plain words.
        tables: The numbers.
        lines: Calculations with them.
        remark: A note on what is left out, if anything.
        calculation: What is computed, as a line of plain text; empty if the sentence says it.
        formula: The same in LaTeX; empty if it has none.
        heat_maps: The numbers as colours.
    """

    title: str
    sentence: str
    tables: tuple[NumberTable, ...] = ()
    lines: tuple[str, ...] = ()
    remark: str = ""
    calculation: str = ""
    formula: str = ""
    heat_maps: tuple[HeatMap, ...] = ()


@dataclass(frozen=True)
class CharacterScore:
    """The contribution of one character.

    Attributes:
        position: From 1.
        character: The character as shown.
        strength: −1 (strongest against the class) to 1 (for it); sets colour and bar.
        numbers: The measures, formatted with their signs.
    """

    position: int
    character: str
    strength: float
    numbers: tuple[str, ...]

    @property
    def background(self) -> str | None:
        """Shade of blue (for) or red (against) as #rrggbb; None for a weak contribution."""
        if abs(self.strength) < MIN_STRENGTH:
            return None
        end = BLUE if self.strength > 0 else RED
        share = min(abs(self.strength), 1.0)
        return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in end)

    @property
    def hue(self) -> str:
        """Full blue or red of its bar, #rrggbb."""
        return "#{:02x}{:02x}{:02x}".format(*(BLUE if self.strength > 0 else RED))

    @property
    def is_strong(self) -> bool:
        """Whether the background is so dark that the character has to be light."""
        return abs(self.strength) > STRONG

    @property
    def foreground(self) -> str:
        """Colour of the character on its background, #rrggbb."""
        return "#ffffff" if self.is_strong else "#000000"


@dataclass(frozen=True)
class WorkedExample:
    """The whole computation for one string.

    Attributes:
        text: The string, as shown.
        outcome: The class and its probability.
        steps: The steps in order.
        measures: Names of the characters' numbers; the first sets colour and bar.
        scores: The contribution of each character.
        source: The model file.
    """

    text: str
    outcome: str
    steps: tuple[Step, ...]
    measures: tuple[str, ...]
    scores: tuple[CharacterScore, ...]
    source: str
