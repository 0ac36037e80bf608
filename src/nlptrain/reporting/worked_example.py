"""A worked example as plain words and cells: what the terminal and the HTML page both show."""

from dataclasses import dataclass

BLUE, RED = (33, 102, 172), (178, 24, 43)
"""Ends of a diverging scale that colour-blind readers can tell apart (ColorBrewer's RdBu)."""
FAINT = 0.05


@dataclass(frozen=True)
class Grid:
    """A small table.

    Attributes:
        header: Column names; the first stands above the rows' names.
        rows: Cells, the row's name first.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Step:
    """One step of the way.

    Attributes:
        title: What turns into what, and its shape.
        sentence: What happens, in plain words.
        grids: Its numbers.
        lines: What follows from them.
        remark: What is left out, if anything is.
    """

    title: str
    sentence: str
    grids: tuple[Grid, ...] = ()
    lines: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class CharacterScore:
    """What one character adds.

    Attributes:
        position: From 1.
        character: As shown.
        strength: −1 (speaks most strongly against) … 1 (for), which sets colour and bar.
        numbers: The measures, formatted with their signs.
    """

    position: int
    character: str
    strength: float
    numbers: tuple[str, ...]

    @property
    def background(self) -> str | None:
        """Its shade of blue (for) or red (against) as #rrggbb; None where it is next to nothing."""
        if abs(self.strength) < FAINT:
            return None
        end = BLUE if self.strength > 0 else RED
        share = min(abs(self.strength), 1.0)
        return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in end)

    @property
    def hue(self) -> str:
        """The full blue or red of its bar, #rrggbb: how much is said by its length."""
        return "#{:02x}{:02x}{:02x}".format(*(BLUE if self.strength > 0 else RED))

    @property
    def foreground(self) -> str:
        """The letter's colour on that shade, #rrggbb."""
        return "#ffffff" if abs(self.strength) > 0.75 else "#000000"


@dataclass(frozen=True)
class WorkedExample:
    """A string's whole way.

    Attributes:
        text: The string, as shown.
        outcome: The class and its probability.
        steps: In order.
        measures: Names of the characters' numbers; the first sets colour and bar.
        scores: What each character adds.
        source: The model file.
    """

    text: str
    outcome: str
    steps: tuple[Step, ...]
    measures: tuple[str, ...]
    scores: tuple[CharacterScore, ...]
    source: str
