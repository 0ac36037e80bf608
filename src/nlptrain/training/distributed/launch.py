"""Whether this process is one of several that torchrun started; needs no torch."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlptrain.training.distributed.group import Group


@dataclass(frozen=True)
class Launch:
    """What torchrun tells a process.

    Attributes:
        rank: Its number among all processes.
        size: Number of processes, on all machines.
        local_rank: Its number among those of its machine.
        local_size: Number of processes on its machine.
    """

    rank: int
    size: int
    local_rank: int
    local_size: int

    @property
    def leads(self) -> bool:
        """Whether this process reads, decides, writes and prints, for all of them."""
        return self.rank == 0


def find_launch() -> Launch | None:
    """Read torchrun's environment variables; None for a process that works alone."""
    try:
        rank, size, local_rank, local_size = (
            int(os.environ[name])
            for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
        )
    except (KeyError, ValueError):
        return None
    return Launch(rank, size, local_rank, local_size) if size > 1 else None


class _Membership:
    group: "Group | None" = None


_membership = _Membership()


def current_group() -> "Group | None":
    """Return the processes that train together with this one, which leads them; None: alone."""
    return _membership.group


def set_current_group(group: "Group | None") -> None:
    """Let trainings from now on be shared out among these processes."""
    _membership.group = group


def count_processes() -> int:
    """Count the processes that train together."""
    group = current_group()
    return 1 if group is None else group.launch.size
