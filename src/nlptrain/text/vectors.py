"""Pre-trained character vectors in word2vec's text format."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import DataError

HEADER_FIELDS = 2


def read_vectors(path: Path, dim: int) -> dict[str, NDArray[np.float64]]:
    """Read one vector a character.

    A line is the character, a space, and its numbers separated by spaces; a first line with the
    number of lines and their length is passed over, and so are tokens longer than one character.

    Args:
        path: The file, UTF-8.
        dim: The length that the embedding has.

    Raises:
        DataError: The file cannot be read, or a line is not a character and `dim` numbers.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text: {error.reason}") from error
    vectors = {}
    for number, line in enumerate(lines, start=1):
        is_header = number == 1 and len(line.split()) == HEADER_FIELDS != dim + 1
        if not line.strip() or is_header:
            continue
        # The character may itself be a space, so it ends at the first space after it.
        character, numbers = line[:1], line[1:]
        if not numbers.startswith(" "):
            continue
        vectors[character] = _parse(numbers, dim, f"{path}:{number}")
    if not vectors:
        raise DataError(f"{path}: no line holds one character and its vector")
    return vectors


def _parse(numbers: str, dim: int, place: str) -> NDArray[np.float64]:
    try:
        vector = np.array([float(part) for part in numbers.split()])
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    if len(vector) != dim:
        raise DataError(
            f"{place}: {len(vector)} numbers, but model.embedding.dim is {dim}; make them equal"
        )
    return vector
