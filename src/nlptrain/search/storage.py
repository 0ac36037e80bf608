"""Where a study lies: Optuna's journal in the folder, or a database that its URL names."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlptrain.errors import RunFolderError
from nlptrain.files.storage import writing
from nlptrain.runs.lock import hold
from nlptrain.search.study import enqueue_again, import_optuna
from nlptrain.tracking.repeating import repeating

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.trial import Trial

STUDY_FILE = "study.jsonl"
_GLANCE = 0.005
"""Seconds between two looks whether another process still writes."""
HEARTBEAT, GRACE = 30, 120
"""Seconds between a trial's signs of life in a database, and until it counts as dead."""


def open_storage(url: str | None, folder: Path) -> "BaseStorage":
    """Open the storage of a study.

    In the folder it is a journal, a line for each change, safe on the disk before the next one.
    SQLite would be another way; there, opening takes seconds and a trial four times as long.

    Args:
        url: A database as Optuna takes it; None: the journal in the folder.
        folder: Of the search.

    Raises:
        NlptrainError: Optuna is not installed.
        RunFolderError: The storage cannot be opened.
    """
    import_optuna()
    if url is None:
        return _open_journal(folder / STUDY_FILE)
    from optuna.exceptions import ExperimentalWarning
    from optuna.storages import RDBStorage

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return RDBStorage(
                url,
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE,
                heartbeat_stale_trial_callback=enqueue_again,
            )
    except Exception as error:  # Each database has errors of its own.
        raise RunFolderError(
            f"--storage {url}: cannot be opened: {str(error).strip():.300}"
        ) from error


@contextmanager
def beating(storage: "BaseStorage", trial: "Trial") -> Iterator[None]:
    """Show a database signs of life of a trial while it trains; other machines have no others."""
    from optuna.storages import RDBStorage

    if not isinstance(storage, RDBStorage):
        yield
        return
    beat = partial(storage.record_heartbeat, trial._trial_id)
    beat()
    with repeating(beat, HEARTBEAT):
        yield


class _Lock:
    """What Optuna asks of a lock.

    The system releases it when its process dies; one of Optuna's own would then be waited for.
    """

    def __init__(self, path: Path) -> None:
        from filelock import FileLock

        self._lock = FileLock(path, poll_interval=_GLANCE)

    def acquire(self) -> bool:
        """Wait for the lock."""
        self._lock.acquire()
        return True

    def release(self) -> None:
        """Let others have it."""
        self._lock.release()


def _open_journal(path: Path) -> "BaseStorage":
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    with writing(path):
        _remove_torn_line(path)
        lock: Any = _Lock(_lock_of(path))
        return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _remove_torn_line(path: Path) -> None:
    """Remove what a kill or a power failure left of a last line."""
    if not path.exists():
        return
    with hold(_lock_of(path)), path.open("rb+") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            file.truncate(whole)
            os.fsync(file.fileno())
