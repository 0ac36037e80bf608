"""Dynamic batching: requests that arrive together are computed together.

No request waits for others: as soon as the event loop has gone round without a new one, those that
are there are computed. Short work is done in the event loop's own thread: handing it to another
takes longer than the work itself, above all while both compete for the interpreter. Long work would
keep other requests waiting, so it gets a thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from nlptrain.inference.model import Decisions, Model
from nlptrain.inference.side_by_side import decide_each
from nlptrain.serving.metrics import Metrics

Value = TypeVar("Value")

SHORT_WORK = 20_000_000
"""Multiplications that count as short work: by estimate ten milliseconds, mostly less."""

WORK_PER_CHARACTER = 50_000
"""Multiplications that take about as long as the calls for one position of a recurrent layer."""


@dataclass(frozen=True, eq=False)
class _Request:
    model: Model
    texts: Sequence[str]
    decisions: "asyncio.Future[Decisions]"
    work: int


class Batcher:
    """Computes what requests wait for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._pending: deque[_Request] = deque()
        self._pending_before = 0  # in the event loop's last round
        self._long_predictions = ThreadPoolExecutor(1, "predict")
        self._explanations = ThreadPoolExecutor(1, "explain")

    async def decide(self, model: Model, texts: Sequence[str]) -> Decisions:
        """Decide strings, together with those of other requests."""
        loop = asyncio.get_running_loop()
        work = count_work(model, texts)
        if work > SHORT_WORK:
            self._metrics.gathered.observe(1)
            return await loop.run_in_executor(self._long_predictions, model.decide, texts)
        request = _Request(model, texts, loop.create_future(), work)
        if not self._pending:
            loop.call_soon(self._compute_unless_more_arrive)
        self._pending.append(request)
        return await request.decisions

    async def run(self, function: Callable[[], Value]) -> Value:
        """Run something else that takes time, one call at a time, beside the predictions."""
        return await asyncio.get_running_loop().run_in_executor(self._explanations, function)

    def close(self) -> None:
        """Let the threads end once what they are computing is done."""
        self._long_predictions.shutdown(wait=False, cancel_futures=True)
        self._explanations.shutdown(wait=False, cancel_futures=True)

    def _compute_unless_more_arrive(self) -> None:
        """Compute a batch, unless requests have arrived since the event loop's last round."""
        if len(self._pending) > self._pending_before:
            self._pending_before = len(self._pending)
        else:
            self._pending_before = 0
            if batch := self._take_batch():
                self._compute(batch)
        if self._pending:
            asyncio.get_running_loop().call_soon(self._compute_unless_more_arrive)

    def _take_batch(self) -> list[_Request]:
        """Take the pending requests for the first one's model, in order, up to short work."""
        batch: list[_Request] = []
        others: deque[_Request] = deque()
        work = 0
        for request in self._pending:
            if request.decisions.done():
                continue  # Whoever waited has given up.
            is_same_model = not batch or request.model is batch[0].model
            if is_same_model and work + request.work <= SHORT_WORK:
                work += request.work
                batch.append(request)
            else:
                others.append(request)
        self._pending = others
        return batch

    def _compute(self, batch: Sequence[_Request]) -> None:
        """Decide the strings of requests for one model."""
        self._metrics.gathered.observe(len(batch))
        try:
            decided = decide_each(batch[0].model, [request.texts for request in batch])
        except Exception as error:
            for request in batch:
                request.decisions.set_exception(error)
            return
        for request, decisions in zip(batch, decided, strict=True):
            request.decisions.set_result(decisions)


def count_work(model: Model, texts: Sequence[str]) -> int:
    """Estimate what strings cost, in multiplications: each weight once a character."""
    weights = model.file.architecture.num_worked_on
    return sum(map(len, texts)) * (weights + WORK_PER_CHARACTER)
