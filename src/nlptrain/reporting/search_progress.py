"""Progress of a search: a table on a terminal, otherwise an occasional line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

_LINES = 4
"""If standard error is not a terminal."""


@dataclass(frozen=True)
class SearchState:
    """How far a search is.

    Attributes:
        score: What is looked for on validation.
        ended: Trials trained to their end, or ended early.
        total: Trials wanted; None: as many as the time allows.
        running: Trials being trained.
        pruned: Those ended early.
        refused: Combinations that are no config.
        seconds: Since the command began.
        left: Seconds until the end, as far as can be guessed; None: not known.
        best: Number, score and settings of the best so far, the best first.
        given: Score of the config as given; None: not known yet.
    """

    score: str
    ended: int
    total: int | None
    running: int
    pruned: int
    refused: int
    seconds: float
    left: float | None
    best: tuple[tuple[str, str, str], ...]
    given: str | None

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1, as far as can be guessed."""
        if self.left is None:
            return 0.0
        return self.seconds / (self.seconds + self.left) if self.left else 1.0

    @property
    def summary(self) -> str:
        """One line."""
        counts = {"running": self.running, "pruned": self.pruned, "refused": self.refused}
        parts = [
            f"{self.ended} trials" if self.total is None else f"{self.ended} of {self.total} trials"
        ]
        parts += [f"{count} {what}" for what, count in counts.items() if count]
        parts.append(_say_time(self.seconds))
        if self.left is not None:
            parts.append(f"about {_say_time(self.left)} left")
        return ", ".join(parts)


class SearchProgress:
    """Shows the state of a search."""

    def __init__(self, console: Console) -> None:
        """Show it on the console of standard error."""
        self._console = console
        self._live: Live | None = None
        self._part = -1

    def follow(self, state: SearchState) -> None:
        """Show a newer state."""
        if not self._console.is_interactive:
            self._print(state)
            return
        from rich.live import Live

        if self._live is None:
            self._live = Live(
                console=self._console, auto_refresh=False, redirect_stdout=False, transient=True
            )
            self._live.start()
        self._live.update(_table(state), refresh=True)

    def close(self) -> None:
        """Release the terminal."""
        if self._live is not None:
            self._live.stop()

    def _print(self, state: SearchState) -> None:
        part = int(_LINES * state.share)
        if part > self._part:
            self._part = part
            best = f"; best {state.score} {state.best[0][1]}" if state.best else ""
            self._console.print(f"search: {state.summary}{best}", soft_wrap=True, markup=False)


def _table(state: SearchState) -> "RenderableType":
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True)
    table.add_column("trial", justify="right")
    table.add_column(state.score, justify="right", no_wrap=True)
    # Of the columns, this one alone gets what room is left.
    table.add_column("settings", no_wrap=True, overflow="ellipsis", ratio=1)
    for row in state.best:
        table.add_row(*(Text(cell) for cell in row))
    if state.given is not None:
        table.add_row("", Text(state.given), Text("the config as given"))
    summary = Text(state.summary, no_wrap=True, overflow="ellipsis")
    return Group(summary, table) if table.row_count else summary


def _say_time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
