"""Ctrl-C, SIGTERM and a closed terminal: stop after the current step, not in the middle of it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from nlptrain.training.distributed.launch import current_group

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""SIGHUP: the terminal was closed or the connection lost; Windows does not have it."""

ALWAYS = (signal.SIGINT, signal.SIGTERM)
"""Signals that are sent on purpose."""


@dataclass
class Interruption:
    """Whether a signal has asked to stop.

    Attributes:
        signal_number: The last such signal, or None.
        at_once: Whether even the first signal stops immediately, as everything is saved.
        settled: Whether signals no longer stop anything, as only the outcome is left to record.
    """

    signal_number: int | None = None
    at_once: bool = False
    settled: bool = False


_current: list[Interruption] = []


def pass_on(signal_number: int) -> None:
    """Act on a signal that another process of this training got, unless one came here too."""
    if _current and _current[-1].signal_number is None:
        signal.raise_signal(signal_number)


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Record the first of these signals; a second one stops immediately.

    SIGHUP stays ignored if it was, as under nohup; a second one means nothing, since shell and
    system each send one. Outside the main thread, where Python delivers no signals, this does
    nothing.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return

    def note(signal_number: int, _frame: FrameType | None) -> None:
        if interruption.signal_number is not None and current_group() is not None:
            # The same one by way of another process, or torchrun; it kills what does not stop.
            return
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
    _current.append(interruption)
    try:
        yield interruption
    finally:
        _current.remove(interruption)
        for number, handler in before.items():
            signal.signal(number, handler)
