"""Whole files or none: atomic writes, and arrays with JSON beside them in one safetensors file."""

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import RunFolderError, WritingError
from nlptrain.files.json_types import show

Arrays = Mapping[str, NDArray[Any]]

LARGEST_HEADER = 1 << 24
"""Bytes of names and description; a vocabulary of all Unicode's characters fits in."""

METADATA_KEY = "nlptrain"
"""The one metadata key: safetensors writes several in random order, and bytes must repeat."""

_UNFINISHED = ".part"


_REMEDIES = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "free some space there, or ask for a larger quota",
    errno.EFBIG: "allow larger files: ulimit -f unlimited",
    errno.EACCES: "allow writing there",
    errno.EPERM: "allow writing there",
    errno.EROFS: "allow writing there",
    errno.ENOENT: "its folder is gone",
    errno.ENOTDIR: "its folder is gone",
}


def describe_refusal(error: OSError) -> str:
    """Explain why the system does not write, and what helps against it."""
    reason = error.strerror or str(error)
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{reason}; {remedy}" if remedy else reason


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failed write inside the block into a message about the file or folder.

    Raises:
        WritingError: The system refused to create, write or flush.
    """
    try:
        yield
    except OSError as error:
        raise WritingError(f"{path}: cannot write: {describe_refusal(error)}") from error


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that its name holds the old content or the new, never a part.

    Once this returns, the new content outlives a loss of power.

    Raises:
        WritingError: The file cannot be written (no room, no permission, folder gone).
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_UNFINISHED}")
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


def sync_folder(folder: Path) -> None:
    """Make the names in a folder outlive a loss of power, where the system lets one ask for it.

    Raises:
        WritingError: The disk refuses.
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
    """Remove what a process that was killed inside `write_atomic` left in a folder.

    Nobody else may be writing there.
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
        # Half a character, which a label or a file's name may hold, goes as an escape.
        data = json.dumps(values, indent=2).encode()
    write_atomic(path, data + b"\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        RunFolderError: The file is missing, unreadable, or holds something else.
    """
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        raise RunFolderError(f"{path}: cannot read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise RunFolderError(
            f"{path}: not valid JSON: {error}; restore it, or remove it"
        ) from error
    if not isinstance(values, dict):
        raise RunFolderError(
            f"{path}: expected a JSON object, found {type(values).__name__}; "
            "restore it, or remove it"
        )
    return values


def check_format(path: Path, kind: str, found: object, known: int) -> None:
    """Refuse a file of a format that this nlptrain does not read.

    Args:
        path: The file.
        kind: What it is, for the message.
        found: The format that it says.
        known: The format that is read.

    Raises:
        RunFolderError: They are not the same.
    """
    # True and 1.0 equal 1, but nobody wrote them.
    if type(found) is not int or found != known:
        raise RunFolderError(
            f"{path}: {kind} format {found!r:.60}; this nlptrain, {version('nlptrain')}, reads "
            f"{known}: use the nlptrain that wrote it, or a newer one"
        )


def save_arrays(path: Path, arrays: Arrays, metadata: Mapping[str, Any]) -> None:
    """Write arrays and a JSON description into one safetensors file, the same bytes each time."""
    from safetensors.numpy import save

    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # ascontiguousarray makes a scalar a vector; a step count must stay a scalar.
    shaped = {name: array.reshape(arrays[name].shape) for name, array in contiguous.items()}
    description = json.dumps(metadata, sort_keys=True)
    write_atomic(path, save(shaped, metadata={METADATA_KEY: description}))


def load_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read what `save_arrays` wrote: the arrays, and their description.

    Raises:
        RunFolderError: The file is missing, damaged, or not written by nlptrain.
    """
    from safetensors import SafetensorError, safe_open

    try:
        _check_header(path)
        with safe_open(path, framework="numpy") as file:
            description = (file.metadata() or {}).get(METADATA_KEY)
            if description is None:
                raise RunFolderError(
                    f"{path}: a safetensors file, but not one of nlptrain's; "
                    "name a run, or its model.safetensors"
                )
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no iterator)
        metadata = json.loads(description)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunFolderError(f"{path}: cannot read: {reason}") from error
    except (SafetensorError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise RunFolderError(
            f"{path}: damaged, or not a safetensors file: {error!s:.200}; restore it, or train anew"
        ) from error
    if not isinstance(metadata, dict):
        raise RunFolderError(f"{path}: damaged: its description is not an object")
    return arrays, metadata


def _check_header(path: Path) -> None:
    """Refuse a header that would fill the memory, before anybody reads it.

    Raises:
        ValueError: It says that it is larger than any of ours.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
    if size > LARGEST_HEADER:
        raise ValueError(f"a header of {size:,} bytes, where {LARGEST_HEADER:,} are the most")


def check_arrays(
    arrays: Arrays, shapes: Mapping[str, tuple[int, ...]], *, finite: bool = True
) -> None:
    """Refuse arrays that are not the described network's.

    Args:
        arrays: What was read.
        shapes: What the network has, by name.
        finite: Whether NaN and infinity are refused too.

    Raises:
        ValueError: Naming the first one at fault.
    """
    for name in sorted(arrays.keys() | shapes.keys()):
        if name not in arrays:
            raise ValueError(f"{name} is missing")
        if name not in shapes:
            raise ValueError(f"{show(name)} is no part of its network")
        array = arrays[name]
        if array.shape != shapes[name]:
            raise ValueError(f"{name} has shape {array.shape}, its network needs {shapes[name]}")
        if array.dtype not in (np.float32, np.float64):
            raise ValueError(f"{name} holds {array.dtype}, not float32 or float64")
        if finite and not np.isfinite(array).all():
            raise ValueError(f"{name} holds numbers that are not finite")
