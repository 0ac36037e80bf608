"""How much memory a process may still reserve, where `ulimit -v` limits it."""

import os

from nlptrain.packages import require

_POLARS_BYTES = 512 << 20
_POLARS_BYTES_PER_THREAD = 256 << 20
"""Loading polars and writing a table reserves 720 MiB with one thread and 930 MiB with two."""


def find_address_space() -> int | None:
    """Return the bytes that may still be reserved; None where there is no limit."""
    try:
        import resource
    except ImportError:
        return None  # Windows has no such limit.
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    import psutil

    return max(0, int(limit) - int(psutil.Process().memory_info().vms))


def check_room_for_polars() -> None:
    """Refuse to load polars where it could not reserve its memory: it would abort the process.

    Raises:
        MemoryError: With what it takes, and what is left.
        MissingPackageError: It is not installed.
    """
    require("polars", purpose="Parquet")
    left = find_address_space()
    needed = _POLARS_BYTES + _POLARS_BYTES_PER_THREAD * (os.cpu_count() or 1)
    if left is not None and left < needed:
        raise MemoryError(
            f"Parquet takes {needed >> 20:,} MiB of address space, and ulimit -v leaves "
            f"{left >> 20:,} MiB"
        )
