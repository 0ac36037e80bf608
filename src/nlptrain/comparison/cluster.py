"""A Dask cluster as joblib's workers; what goes wrong there becomes one clear error.

Imports joblib and Dask at once: to be imported only where a cluster takes part.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from joblib._dask import DaskDistributedBackend  # noqa: TID253

from nlptrain.errors import NlptrainError, TrainingError

if TYPE_CHECKING:
    from distributed import Client

CONNECTING = 10.0
"""Seconds to wait for the scheduler's answer."""
PATIENCE = 30.0
"""Seconds without any worker before a comparison gives up; one that restarts is back by then."""
GLANCE = 0.5
"""Seconds between two looks for workers."""

Callback = Callable[[object], None]


def connect(address: str) -> "Client":
    """Connect to a Dask scheduler.

    Raises:
        NlptrainError: Dask is not installed, or no scheduler answers there.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NlptrainError("--scheduler needs Dask: pip install 'nlptrain[cluster]'") from None
    # It prints tracebacks about what is told here in a sentence.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=CONNECTING, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NlptrainError(
            f"--scheduler {address}: no Dask scheduler answers there: {error}; "
            "start one with: dask scheduler"
        ) from error


@dataclass(frozen=True)
class _Failure:
    """What a task's callback gets in the place of a result."""

    reason: str


class ClusterBackend(DaskDistributedBackend):  # type: ignore[misc]
    """joblib's backend for Dask, which raises a TrainingError where joblib's waits for ever.

    joblib's never tells a generator of results about a task that failed, and knows nothing of a
    cluster whose last worker has gone.
    """

    def __init__(self, client: "Client", address: str) -> None:
        """Take a connected client, and the scheduler's address for messages."""
        super().__init__(client=client, wait_for_workers_timeout=PATIENCE)
        self._address = address
        self._waiting: dict[Future[object], Callback] = {}

    def configure(self, *args: Any, **settings: Any) -> int:
        """Wait for the first worker, and tell how many tasks run at a time."""
        try:
            count = int(super().configure(*args, **settings))
        except TimeoutError:
            raise self._explain(_no_worker()) from None
        # For one, joblib would leave the cluster and run all tasks in this process.
        return max(2, count)

    def start_call(self) -> None:
        """Begin to look whether there are workers."""
        super().start_call()
        self.client.loop.add_callback(self._watch)

    def submit(self, func: object, callback: Callback | None = None) -> "Future[object]":
        """Submit a task, and have its callback called however it ends."""
        future: Future[object] = super().submit(func, callback)
        if callback is not None:
            self._waiting[future] = callback
            future.add_done_callback(self._end)
        return future

    def retrieve_result_callback(self, out: object) -> object:
        """Return a task's result, or raise why there is none."""
        if isinstance(out, _Failure):
            raise self._explain(out.reason)
        return super().retrieve_result_callback(out)

    def _end(self, future: "Future[object]") -> None:
        """Call back for a task that failed; joblib does so for the others."""
        callback = self._waiting.pop(future)
        # joblib takes a cancelled task's error for its result.
        error = future.exception() or future.result()
        if isinstance(error, BaseException):
            callback(_Failure(_say(error)))

    async def _watch(self) -> None:
        """Fail what waits once there has been no worker for too long."""
        seconds = 0.0
        while self._continue and seconds < PATIENCE:
            await asyncio.sleep(GLANCE)
            # Where the scheduler cannot be asked, it is gone or the client is closing, and then
            # the client's own is None.
            with suppress(OSError, AttributeError):
                if await self.client.nthreads(asynchronous=True):
                    seconds = 0.0
                    continue
            seconds += GLANCE
        if self._continue:
            for callback in list(self._waiting.values()):
                callback(_Failure(_no_worker()))

    def _explain(self, reason: str) -> TrainingError:
        return TrainingError(
            f"--scheduler {self._address}: {reason}; what has finished is kept: "
            "the same command goes on"
        )


def _no_worker() -> str:
    return f"it has had no worker for {PATIENCE:g} seconds"


def _say(error: BaseException) -> str:
    """Explain why a task had no result; an error of the trial itself would be its result."""
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return "it lost every worker that took one of the trials: memory may be too small there"
    if isinstance(error, (CancelledError, asyncio.CancelledError)):
        return "it has gone, or was restarted"
    kind, text = type(error).__name__, str(error).partition("\n")[0]
    return f"its workers cannot run trials ({kind}: {text}); is the same nlptrain installed there?"
