"""One process at a time trains a run; the system frees the lock of a process that dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_PATIENCE_SECONDS = 2.0
"""How long a training waits for its lock: whoever asks for a status is in its way for an instant,
which lasts where a hundred processes share a processor."""


@contextmanager
def hold(path: Path, patience: float = LOCK_PATIENCE_SECONDS) -> Iterator[None]:
    """Hold a lock for this process.

    Args:
        path: The lock's file; made if missing, and left there.
        patience: Seconds to wait for whoever holds it.

    Raises:
        TimeoutError: Another process holds it.
        OSError: The file cannot be opened.
    """
    from filelock import FileLock

    # filelock's Timeout is a TimeoutError.
    lock = FileLock(path, timeout=patience)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Return whether a process holds a lock; any number may ask at once, and nothing is written."""
    try:
        import fcntl
    except ImportError:
        return _cannot_be_taken(path)
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _cannot_be_taken(path: Path) -> bool:
    """Find out by taking it, where a system has no shared locks."""
    try:
        with hold(path, patience=0):
            return False
    except OSError:
        return True
