"""Work on the workers of a Dask cluster; what goes wrong there becomes one clear error."""

import asyncio
import logging
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from nlptrain.errors import NlptrainError, TrainingError
from nlptrain.packages import require

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECTING = 10.0
"""Seconds to wait for the scheduler's answer."""
PATIENCE = 30.0
"""Seconds without any worker before the work is given up; one that restarts is back by then."""
GLANCE = 0.5
"""Seconds between two looks for workers."""

Result = TypeVar("Result")


def run_on_cluster(
    address: str, task: Callable[..., Result], calls: Iterable[tuple[Any, ...]]
) -> Generator[Result]:
    """Call a function on the workers, all at once; each result comes when it is there.

    Args:
        address: The scheduler's.
        task: What to call.
        calls: The arguments of each call.

    Raises:
        NlptrainError: Dask is not installed, or no scheduler answers there.
        TrainingError: The cluster cannot do it.
    """
    with _connect(address) as client:
        # Dask would take equal calls for one, and go over all arguments to see it.
        futures = [client.submit(task, *call, pure=False) for call in calls]
        finished: SimpleQueue[Future[Any]] = SimpleQueue()
        for future in futures:
            future.add_done_callback(finished.put)
        for _ in futures:
            try:
                result = _next(client, finished).result()
            except (Exception, CancelledError, asyncio.CancelledError) as error:
                raise TrainingError(
                    f"--scheduler {address}: {_say(error)}; what has finished is kept: "
                    "the same command resumes"
                ) from error
            yield result


def _next(client: "Client", finished: "SimpleQueue[Future[Any]]") -> "Future[Any]":
    """Wait for the next that is finished, and look meanwhile whether there are workers.

    Raises:
        TimeoutError: There has been none for too long.
    """
    seen = time.monotonic()
    while time.monotonic() - seen < PATIENCE:
        with suppress(Empty):
            return finished.get(timeout=GLANCE)
        # Where the scheduler cannot be asked it is gone, which ends what waits; then the client's
        # own is None.
        with suppress(OSError, AttributeError):
            if client.nthreads():  # type: ignore[no-untyped-call]
                seen = time.monotonic()
    raise TimeoutError(f"it has had no worker for {PATIENCE:g} seconds")


def _connect(address: str) -> "Client":
    """Connect to a Dask scheduler.

    Raises:
        MissingPackageError: Dask is not installed.
        NlptrainError: No scheduler answers there.
    """
    require("distributed", purpose="--scheduler", extra="cluster")
    from distributed import Client

    # It prints tracebacks about what is told here in a sentence.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=CONNECTING, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NlptrainError(
            f"--scheduler {address}: no Dask scheduler answers there: {error}; "
            "start one with: dask scheduler"
        ) from error


def _say(error: BaseException) -> str:
    """Explain why a task had no result; an error of the task itself would be its result."""
    from distributed import KilledWorker

    if isinstance(error, TimeoutError):
        return str(error)
    if isinstance(error, KilledWorker):
        return "it lost every worker that took one of the parts: memory may be too small there"
    if isinstance(error, (CancelledError, asyncio.CancelledError)):
        return "it has gone, or was restarted"
    kind, text = type(error).__name__, str(error).partition("\n")[0]
    return f"its workers cannot do it ({kind}: {text}); is the same nlptrain installed there?"
