"""Progress of a comparison: a bar on a terminal, otherwise an occasional line."""

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

_LINES_PER_STAGE = 4
"""If standard error is not a terminal."""


class TrialProgress:
    """Shows one bar per stage."""

    def __init__(self, console: Console) -> None:
        """Prepare the bars on the console of standard error."""
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description:<7}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("trials"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            # Standard output is for results only.
            redirect_stdout=False,
        )
        self._tasks: dict[str, TaskID] = {}
        self._reported: dict[str, int] = {}

    def watch(self, stage: str, done: int, total: int) -> None:
        """Show how many of a stage's trials have finished."""
        if not self._console.is_interactive:
            part = done * _LINES_PER_STAGE // max(total, 1)
            if part > self._reported.get(stage, 0) or (part == 0 and stage not in self._reported):
                self._reported[stage] = part
                self._console.print(f"{stage}: {done} of {total} trials", soft_wrap=True)
            return
        self._progress.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage)
        self._progress.update(self._tasks[stage], completed=done, total=total)

    def close(self) -> None:
        """Keep the bars and release the terminal."""
        if self._tasks:
            self._progress.stop()
