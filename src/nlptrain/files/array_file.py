"""Arrays together with a JSON description, in one safetensors file."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import RunFolderError
from nlptrain.files.json_types import shorten_value
from nlptrain.files.storage import write_atomic

Arrays = Mapping[str, NDArray[Any]]

MAX_HEADER_BYTES = 1 << 24
"""Enough for a vocabulary of all Unicode characters."""

METADATA_KEY = "nlptrain"
"""The only metadata key: safetensors writes several keys in random order."""


def save_arrays(path: Path, arrays: Arrays, metadata: Mapping[str, Any]) -> None:
    """Write arrays and a JSON description to a safetensors file, with reproducible bytes."""
    write_atomic(path, pack_arrays(arrays, metadata))


def pack_arrays(arrays: Arrays, metadata: Mapping[str, Any]) -> bytes:
    """Return the bytes of such a file."""
    from safetensors.numpy import save

    # order="C" makes an array contiguous, and unlike ascontiguousarray keeps a scalar a scalar.
    shaped = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    description = json.dumps(metadata, sort_keys=True)
    return save(shaped, metadata={METADATA_KEY: description})


def load_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read the arrays and the description that `save_arrays` wrote.

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
                    f"{path}: a safetensors file, but not written by nlptrain; "
                    "name a run, or its model.safetensors"
                )
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no iterator)
        metadata = json.loads(description)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunFolderError(f"{path}: cannot read: {reason}") from error
    except (SafetensorError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise RunFolderError(
            f"{path}: damaged, or no safetensors file: {error!s:.200}; restore it, or train again"
        ) from error
    if not isinstance(metadata, dict):
        raise RunFolderError(f"{path}: damaged: its description is not an object")
    return arrays, metadata


def _check_header(path: Path) -> None:
    """Refuse a header that claims to be so large that reading it would exhaust the memory."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
    if size > MAX_HEADER_BYTES:
        raise ValueError(f"a header of {size:,} bytes, more than {MAX_HEADER_BYTES:,}")


def check_arrays(
    arrays: Arrays,
    shapes: Mapping[str, tuple[int, ...]],
    *,
    finite: bool = True,
    whole: Collection[str],
) -> None:
    """Refuse arrays that do not match a network's shapes, or that are not finite.

    Args:
        arrays: By name.
        shapes: That of each.
        finite: Whether every number must be.
        whole: The names of those that hold whole numbers.

    Raises:
        ValueError: An array does not match; names the first one.
    """
    for name in sorted(arrays.keys() | shapes.keys()):
        if name not in arrays:
            raise ValueError(f"{name} is missing")
        if name not in shapes:
            raise ValueError(f"{shorten_value(name)} is not part of the network")
        array = arrays[name]
        if array.shape != shapes[name]:
            raise ValueError(f"{name} has shape {array.shape}, the network needs {shapes[name]}")
        if name in whole:
            if array.dtype != np.uint64:
                raise ValueError(f"{name} has type {array.dtype}, not uint64")
            continue
        if array.dtype not in (np.float32, np.float64):
            raise ValueError(f"{name} has type {array.dtype}, not float32 or float64")
        if finite and not np.isfinite(array).all():
            raise ValueError(f"{name} contains numbers that are not finite")
