"""One answer to a disk that is full or refuses, for every file that grows during a training."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nlptrain.errors import RunFolderError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failed write inside the block into a message about the file.

    Raises:
        RunFolderError: The system refused to create, write or flush.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunFolderError(
            f"{path}: cannot write: {reason}; "
            "free some space or allow writing there, then continue the run"
        ) from error
