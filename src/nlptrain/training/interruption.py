"""Ctrl-C and SIGTERM as a wish to stop after the step, not in the middle of it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
    """Note the first Ctrl-C or SIGTERM; a second one stops at once.

    Outside the main thread, where Python delivers no signals, nothing is changed.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return

    def note(signal_number: int, _frame: FrameType | None) -> None:
        stop = interruption.at_once or interruption.signal_number is not None
        interruption.signal_number = signal_number
        if stop and not interruption.settled:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
