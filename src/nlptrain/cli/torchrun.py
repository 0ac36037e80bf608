"""nlptrain under torchrun: one process works; in `train` and `resume` the others compute too."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlptrain.training.distributed.launch import Launch

SHARED = ("train", "resume")
"""The commands whose work is shared out; any other is done by the first process alone."""


def find_launch() -> "Launch | None":
    """Return what torchrun says of this process; None if it is the only one."""
    if "RANK" not in os.environ:  # Hardly anyone starts it so; the import would be for nothing.
        return None
    from nlptrain.training.distributed.launch import find_launch

    return find_launch()


def leading(launch: "Launch | None") -> AbstractContextManager[None]:
    """Let the other processes, if there are any, compute with this one."""
    if launch is None or not _is_shared():
        return nullcontext()
    from nlptrain.training.distributed.leader import leading

    return leading(launch)


def follow(launch: "Launch") -> None:
    """Compute with the process that leads, and exit with its status."""
    if not _is_shared():
        sys.exit()
    from nlptrain.training.distributed.follower import follow

    sys.exit(follow(launch))


def _is_shared() -> bool:
    return len(sys.argv) > 1 and sys.argv[1] in SHARED
