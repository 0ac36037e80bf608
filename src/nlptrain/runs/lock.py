"""A lock for the process that trains a run; the system releases it when that process dies."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from nlptrain.errors import RunFolderError
from nlptrain.files.storage import writing

LOCK_TIMEOUT_SECONDS = 2.0
"""A process that queries the status holds the lock for a moment, longer on a busy machine."""


@contextmanager
def hold(path: Path, timeout: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
    """Hold a lock for this process; its file is created if missing, and kept.

    Raises:
        TimeoutError: Another process holds it longer than `timeout` seconds.
        OSError: The file cannot be opened.
    """
    from filelock import FileLock

    with FileLock(path, timeout=timeout):  # Its Timeout is a TimeoutError.
        yield


@contextmanager
def try_to_hold(path: Path, timeout: float = LOCK_TIMEOUT_SECONDS) -> Iterator[bool]:
    """Hold a lock for this process, as `hold` does, unless another one does.

    Yields False if another process holds it longer than `timeout` seconds.

    Raises:
        WritingError: The file cannot be opened.
    """
    with ExitStack() as held:
        with writing(path):
            try:
                held.enter_context(hold(path, timeout))
            except TimeoutError:
                is_mine = False
            else:
                is_mine = True
        yield is_mine


@contextmanager
def hold_or_refuse(
    path: Path, problem: str, timeout: float = LOCK_TIMEOUT_SECONDS
) -> Iterator[None]:
    """Hold a lock for this process, as `hold` does.

    Raises:
        RunFolderError: Another process holds it longer than `timeout` seconds; says `problem`.
        WritingError: The file cannot be opened.
    """
    with try_to_hold(path, timeout) as is_mine:
        if not is_mine:
            raise RunFolderError(problem)
        yield


def is_held(path: Path) -> bool:
    """Return whether a process holds a lock, without writing anything."""
    try:
        import fcntl
    except ImportError:  # Windows has no shared locks; try to take it.
        try:
            with hold(path, timeout=0):
                return False
        except OSError:
            return True
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
