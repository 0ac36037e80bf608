"""Stages of long work on a terminal: title, progress and remaining time."""

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from threading import Lock, Timer
from time import monotonic
from typing import TYPE_CHECKING

from nlptrain.tracking.stage import watched_by

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

SECONDS_UNTIL_SHOWN = 0.5
"""A shorter command shows nothing."""
_SECONDS_UNTIL_STAGE_SHOWN = 0.1
"""A stage that ends sooner would only flicker."""


@dataclass(eq=False)
class _Stage:
    title: str
    total: float | None
    timer: Timer
    done: float = 0.0
    task: "TaskID | None" = None


class StageProgress:
    """Shows each stage as a line on standard error, once the command takes a while."""

    def __init__(self) -> None:
        """Prepare the stages; nothing is shown yet."""
        self._lock = Lock()
        self._numbers = count(1)
        self._stages: dict[int, _Stage] = {}
        self._progress: Progress | None = None
        self._started = monotonic()

    def begin(self, title: str, total: float | None) -> int:
        """Start a stage, which is shown if it is still running after the delay."""
        with self._lock:
            number = next(self._numbers)
            until_shown = self._started + SECONDS_UNTIL_SHOWN - monotonic()
            delay = max(until_shown, _SECONDS_UNTIL_STAGE_SHOWN)
            timer = Timer(delay, self._show, (number,))
            self._stages[number] = _Stage(title, total, timer)
        timer.daemon = True
        timer.start()
        return number

    def advance(self, stage: int, done: float) -> None:
        """Update the progress of a stage."""
        running = self._stages.get(stage)
        if running is None:
            return
        running.done = done
        if self._progress is not None and running.task is not None:
            self._progress.update(running.task, completed=done)

    def end(self, stage: int) -> None:
        """Remove the stage's line, and release the terminal after the last one."""
        with self._lock:
            ended, progress = self._stages.pop(stage), self._progress
            ended.timer.cancel()
            if progress is None:
                return
            if ended.task is not None:
                progress.remove_task(ended.task)
            if not self._stages:
                with contextlib.suppress(OSError):
                    progress.stop()
                self._progress = None

    def _show(self, number: int) -> None:
        with self._lock:
            stage = self._stages.get(number)
            if stage is None:
                return
            if self._progress is None:
                with _sharing_the_interpreter():
                    self._progress = _make_progress()
                    # The line of a training that is on display meanwhile stays above it.
                    with contextlib.suppress(OSError):
                        self._progress.start()
            stage.task = self._progress.add_task(
                stage.title,
                total=stage.total,
                completed=stage.done,  # type: ignore[arg-type]
            )


@cache
def error_console() -> "Console":
    """Return the one console of standard error, on which live displays do not overwrite others."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextmanager
def _sharing_the_interpreter() -> Iterator[None]:
    """Let this thread wait for the interpreter a tenth of a millisecond at most.

    It waits 5 ms after each file that an import reads, while the work computes: 2 s in all.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _make_progress() -> "Progress":
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
        console=error_console(),
        # Standard output is for results, and they alone stand on the terminal afterwards.
        redirect_stdout=False,
        redirect_stderr=False,
        transient=True,
    )


@contextmanager
def shown_on_terminal() -> Iterator[None]:
    """Show the stages of long work, where standard error is a terminal."""
    error_console.cache_clear()  # The environment decides on its colors.
    if not sys.stderr.isatty():
        yield
        return
    with watched_by(StageProgress()):
        yield
