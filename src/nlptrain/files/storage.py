"""Atomic writes, and JSON files."""

import contextlib
import errno
import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nlptrain.errors import RunFolderError, WritingError

_UNFINISHED = ".part"

_REMEDIES = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "free some space there, or ask for a larger quota",
    errno.EFBIG: "allow larger files: ulimit -f unlimited",
    errno.EACCES: "allow writing there",
    errno.EPERM: "allow writing there",
    errno.EROFS: "allow writing there",
    errno.ENOENT: "its folder is missing",
    errno.ENOTDIR: "its folder is missing",
}


def describe_refusal(error: OSError) -> str:
    """Explain why a write failed, and what to do about it."""
    reason = error.strerror or str(error)
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{reason}; {remedy}" if remedy else reason


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Convert an OSError inside the block into a WritingError about the file or folder."""
    try:
        yield
    except OSError as error:
        raise WritingError(f"{path}: cannot write: {describe_refusal(error)}") from error


def name_unfinished(path: Path) -> Path:
    """Make a name, beside a file or folder, for what will take its place once it is whole."""
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}{_UNFINISHED}")


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that it has either its old or its new content, never a part.

    Once this returns, the new content survives a power failure.

    Raises:
        WritingError: The file cannot be written.
    """
    temporary = name_unfinished(path)
    with writing(path):
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8, atomically; a lone surrogate becomes an escape."""
    write_atomic(path, text.encode(errors="backslashreplace"))


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power failure, if the system supports it.

    Raises:
        WritingError: The disk reports an error.
    """
    if os.name != "posix":
        return
    with writing(folder):
        try:
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            # Some network file systems cannot sync a folder.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise


def remove_unfinished(folder: Path) -> None:
    """Remove what a process killed inside `write_atomic` left in a folder.

    No other process may be writing there.
    """
    for path in folder.glob(f".*{_UNFINISHED}"):
        with contextlib.suppress(OSError):
            path.unlink()


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write an indented JSON object, atomically."""
    text = json.dumps(values, indent=2, ensure_ascii=False)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        # A lone surrogate, which a label or file name may contain, is written as an escape.
        data = json.dumps(values, indent=2).encode()
    write_atomic(path, data + b"\n")


def finite(value: Any) -> Any:
    """Replace NaN and infinity, at any depth, by None: JSON has no number for them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [finite(entry) for entry in value]
    return value


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        RunFolderError: The file is missing, unreadable, or not a JSON object.
    """
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        raise RunFolderError(f"{path}: cannot read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise RunFolderError(
            f"{path}: not valid JSON: {error}; restore it, or delete it"
        ) from error
    if not isinstance(values, dict):
        raise RunFolderError(
            f"{path}: expected a JSON object, found {type(values).__name__}; "
            "restore it, or delete it"
        )
    return values


def check_format(path: Path, kind: str, found: object, known: int) -> None:
    """Refuse a file of a format that this version does not read; `kind` is for the message.

    Raises:
        RunFolderError: The formats differ.
    """
    # True and 1.0 equal 1, but are not formats.
    if type(found) is not int or found != known:
        # Slow to import, and `predict` reads files that are as they should be.
        from importlib.metadata import version

        raise RunFolderError(
            f"{path}: {kind} format {found!r:.60}; nlptrain {version('nlptrain')} reads format "
            f"{known}; use the version that wrote the file, or a newer one"
        )
