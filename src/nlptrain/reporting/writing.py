"""One answer to a disk that is full or refuses, for every file that grows during a training."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nlptrain.errors import WritingError
from nlptrain.storage import describe_refusal


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failed write inside the block into a message about the file.

    Raises:
        WritingError: The system refused to create, write or flush.
    """
    try:
        yield
    except OSError as error:
        raise WritingError(f"{path}: cannot write: {describe_refusal(error)}") from error
