"""How far the trials of a comparison are: a bar on a terminal, a line now and then elsewhere."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_PARTS = 4
"""Lines that a stage gets where there is no terminal."""


class TrialProgress:
    """Shows one bar a stage."""

    def __init__(self, console: Console) -> None:
        """Take the console of standard error."""
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description:<7}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("trials"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            # Standard output is for results.
            redirect_stdout=False,
        )
        self._tasks: dict[str, TaskID] = {}
        self._said: dict[str, int] = {}

    def watch(self, stage: str, done: int, total: int) -> None:
        """Show that so many of a stage's trials have finished."""
        if not self._console.is_interactive:
            part = done * _PARTS // max(total, 1)
            if part > self._said.get(stage, 0) or (part == 0 and stage not in self._said):
                self._said[stage] = part
                self._console.print(f"{stage}: {done} of {total} trials", soft_wrap=True)
            return
        self._progress.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage)
        self._progress.update(self._tasks[stage], completed=done, total=total)

    def close(self) -> None:
        """Leave the bars standing and give the terminal back."""
        if self._tasks:
            self._progress.stop()
