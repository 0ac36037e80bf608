"""What long work reports while it runs, to whoever watches; nobody does unless told to.

The work lies in the lower layers and the display far above, so this knows neither.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Advance = Callable[[float], None]
"""Takes how much of a stage is done, in the unit of its total."""


class Watcher(Protocol):
    """Something that shows stages, which may lie within each other."""

    def begin(self, title: str, total: float | None) -> int:
        """Take a stage that begins, and return a number for it; without a total none is known."""

    def advance(self, stage: int, done: float) -> None:
        """Take how much of it is done."""

    def end(self, stage: int) -> None:
        """Take that it has ended."""


_watchers: list[Watcher] = []


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Let a watcher see all stages that begin meanwhile."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        silence()


def silence() -> None:
    """Let nobody watch any more, as where progress is not wanted."""
    _watchers.clear()


@contextmanager
def stage(title: str, total: float | None = None) -> Iterator[Advance]:
    """Do some work that may take long, as a stage.

    Args:
        title: What is done, in a few words.
        total: How much there is to do; None: that is not known.
    """
    if not _watchers:
        yield lambda _: None
        return
    watcher = _watchers[-1]
    number = watcher.begin(title, total)
    try:
        yield lambda done: watcher.advance(number, done)
    finally:
        watcher.end(number)


def track(items: Iterable[Item], title: str, total: float | None = None) -> Iterator[Item]:
    """Go through items as a stage, which is done with the last of them."""
    with stage(title, total) as advance:
        for done, item in enumerate(items, 1):
            yield item
            advance(done)
