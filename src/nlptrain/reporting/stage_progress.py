"""Stages of long work on a terminal: title, progress and remaining time."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

from nlptrain.tracking.stage import watched_by

if TYPE_CHECKING:
    from rich.progress import Progress

SECONDS_UNTIL_SHOWN = 0.5
"""A shorter command shows nothing."""


class StageProgress:
    """Shows each stage as a line on standard error after a delay."""

    def __init__(self) -> None:
        """Prepare the stages; nothing is shown yet."""
        self._lock = Lock()
        self._stages: dict[int, tuple[str, float | None]] = {}
        self._done: dict[int, float] = {}
        self._tasks: dict[int, int] = {}
        self._timers: dict[int, Timer] = {}
        self._progress: Progress | None = None
        self._count = 0

    def begin(self, title: str, total: float | None) -> int:
        """Start a stage, which is shown if it is still running after the delay."""
        with self._lock:
            self._count += 1
            number = self._count
            self._stages[number] = (title, total)
            timer = self._timers[number] = Timer(SECONDS_UNTIL_SHOWN, self._show, (number,))
        timer.daemon = True
        timer.start()
        return number

    def advance(self, stage: int, done: float) -> None:
        """Update the progress of a stage."""
        self._done[stage] = done
        if self._progress is not None and stage in self._tasks:
            self._progress.update(self._tasks[stage], completed=done)  # type: ignore[arg-type]

    def end(self, stage: int) -> None:
        """Remove the stage's line, and release the terminal after the last one."""
        with self._lock:
            self._timers.pop(stage).cancel()
            self._stages.pop(stage)
            task = self._tasks.pop(stage, None)
            progress = self._progress
            if task is not None and progress is not None:
                progress.remove_task(task)  # type: ignore[arg-type]
            if not self._stages and progress is not None:
                with contextlib.suppress(OSError):
                    progress.stop()
                self._progress = None

    def _show(self, stage: int) -> None:
        from rich.errors import LiveError

        with self._lock:
            if stage not in self._stages:
                return
            if self._progress is None:
                self._progress = _make_progress()
                # A training or a comparison may have a live display of its own.
                with contextlib.suppress(OSError, LiveError):
                    self._progress.start()
            title, total = self._stages[stage]
            done = self._done.get(stage, 0)
            self._tasks[stage] = self._progress.add_task(title, total=total, completed=done)  # type: ignore[arg-type]


def _make_progress() -> "Progress":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        Task,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class TimeLeftColumn(TimeRemainingColumn):
        """Says nothing where the total is not known."""

        def render(self, task: Task) -> Text:
            return Text() if task.total is None else super().render(task).append(" left")

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeLeftColumn(),
        console=Console(stderr=True, highlight=False),
        # Standard output is for results, and they alone stand on the terminal afterwards.
        redirect_stdout=False,
        redirect_stderr=False,
        transient=True,
    )


@contextmanager
def shown_on_terminal() -> Iterator[None]:
    """Show the stages of long work, where standard error is a terminal."""
    import sys

    if not sys.stderr.isatty():
        yield
        return
    with watched_by(StageProgress()):
        yield
