"""Folders NAME-001, NAME-002, … for runs and comparisons; none is ever overwritten."""

import contextlib
import os
from pathlib import Path

from nlptrain.errors import RunFolderError


def make_numbered_folder(parent: Path, name: str) -> Path:
    """Create the next free folder NAME-001, NAME-002, …, and its parent if it is missing.

    Two processes that start at once get two folders, as only one of them can create a folder.

    Raises:
        RunFolderError: The parent cannot be written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        number = max((_number(entry.name, name) for entry in os.scandir(parent)), default=0)
        while True:
            number += 1
            path = parent / f"{name}-{number:03d}"
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                return path
    except OSError as error:
        raise RunFolderError(
            f"{parent}: cannot create a folder there: {error.strerror}; choose another place"
        ) from error


def numbered_folders(parent: Path, name: str) -> list[Path]:
    """Find the folders NAME-001, NAME-002, … in ascending order of their numbers."""
    if not parent.is_dir():
        return []
    found = [(_number(path.name, name), path) for path in parent.iterdir()]
    return [path for number, path in sorted(found) if number]


def _number(folder: str, name: str) -> int:
    start, _, number = folder.rpartition("-")
    return int(number) if start == name and number.isascii() and number.isdigit() else 0
