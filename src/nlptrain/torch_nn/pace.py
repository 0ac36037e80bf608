"""How far Python may run ahead of a device."""

from collections import deque

import torch

QUEUED = 8
"""Steps that wait for a device, at most: enough for it never to wait for Python."""


class Pace:
    """Lets Python wait for the device that is too many steps behind; a CPU never is.

    Otherwise hundreds of steps could be queued, which take seconds that nobody sees pass.
    """

    def __init__(self, device: torch.device) -> None:
        self._on_cuda = device.type == "cuda"
        self._ends: deque[torch.cuda.Event] = deque()

    def keep(self) -> None:
        """Note the end of a step, and wait for that of an earlier one if it is not over."""
        if not self._on_cuda:
            return
        end = torch.cuda.Event()  # type: ignore[no-untyped-call]
        end.record()
        self._ends.append(end)
        if len(self._ends) > QUEUED:
            self._ends.popleft().synchronize()
