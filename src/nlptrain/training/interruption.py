"""Ctrl-C, SIGTERM and a closed terminal: stop after the step, not in the middle of it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""SIGHUP: the terminal was closed, or the connection lost. Windows has none."""

ALWAYS = (signal.SIGINT, signal.SIGTERM)
"""Those that somebody sends on purpose."""


@dataclass
class Interruption:
    """Whether somebody asked to stop.

    Attributes:
        signal_number: The last signal that asked; None: nobody did.
        at_once: Whether already the first one stops at once: there is nothing left to save.
        settled: Whether none stops anything any more: only how it ended is left to write down.
    """

    signal_number: int | None = None
    at_once: bool = False
    settled: bool = False


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Note the first signal of these; a second one stops at once.

    A SIGHUP that is ignored, as under nohup, stays so; a second one says no more than the first,
    since shell and system each send one. Outside the main thread, where Python delivers no
    signals, nothing is changed.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return

    def note(signal_number: int, _frame: FrameType | None) -> None:
        again = interruption.signal_number is not None and signal_number in ALWAYS
        stop = interruption.at_once or again
        interruption.signal_number = signal_number
        if stop and not interruption.settled:
            raise KeyboardInterrupt

    before = {
        number: signal.signal(number, note)
        for number in SIGNALS
        if number in ALWAYS or signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
