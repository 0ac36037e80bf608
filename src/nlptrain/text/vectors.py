"""Pre-trained character vectors in word2vec's text format."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import DataError

HEADER_FIELDS = 2
MAX_REASON = 120


def fingerprint_vectors(path: Path) -> str:
    """Compute the SHA-256 of a file of vectors, in hexadecimal.

    Raises:
        DataError: The file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror}") from error


def read_vectors(path: Path, dim: int, dtype: str = "float64") -> dict[str, NDArray[np.float64]]:
    """Read one vector per character.

    A line is a character, a space, and its numbers separated by spaces. A first line with the
    number and the length of the vectors is skipped, and so are tokens longer than one character.

    Args:
        path: The file, UTF-8.
        dim: The length of the embedding's vectors.
        dtype: The type that the numbers must fit into.

    Raises:
        DataError: The file cannot be read, or a line is not a character and `dim` numbers.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text: {error.reason}") from error
    vectors = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (number == 1 and _is_header(lines, dim)):
            continue
        # The character may itself be a space, so the line is not split at the first space.
        character, numbers = line[:1], line[1:]
        if not numbers.startswith(" "):
            continue
        vectors[character] = _parse(numbers, dim, dtype, f"{path}:{number}")
    if not vectors:
        raise DataError(
            f"{path}: no character vectors found; a line is a character, a space and its numbers"
        )
    return vectors


def _is_header(lines: list[str], dim: int) -> bool:
    """Return whether the first line holds the number and the length of the vectors."""
    fields = lines[0].rstrip().split(" ")
    if len(fields) != HEADER_FIELDS or not all(field.isdecimal() for field in fields):
        return False
    # With one number per line, only the count distinguishes it from the vector of a digit.
    return dim > 1 or int(fields[0]) == sum(bool(line.strip()) for line in lines[1:])


def _parse(numbers: str, dim: int, dtype: str, place: str) -> NDArray[np.float64]:
    try:
        vector = np.array(list(map(float, numbers.split())))
    except ValueError as error:
        raise DataError(f"{place}: not a number: {str(error)[:MAX_REASON]}") from None
    if not np.isfinite(vector).all():
        raise DataError(f"{place}: the numbers must be finite")
    largest = np.finfo(dtype).max
    if np.abs(vector).max(initial=0) > largest:
        raise DataError(
            f"{place}: {vector[np.abs(vector).argmax()]:g} is beyond the largest {dtype}, "
            f"{largest:.4g}; scale the vectors down, or set training.dtype: float64"
        )
    if len(vector) != dim:
        raise DataError(
            f"{place}: {len(vector)} numbers, but model.embedding.dim is {dim}; they must be equal"
        )
    return vector
