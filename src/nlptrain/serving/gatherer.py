"""Concurrent requests, gathered: one batch is all that has come until nothing more comes.

Nobody waits for company: as soon as the event loop has gone round without another request, what
there is is computed. What is short is computed in the event loop's own thread: to hand it to
another takes longer than the work, most of all where both want the interpreter. What would keep
the others waiting has a thread.
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

SHORT = 20_000_000
"""Multiplications that are short work: by estimate some ten milliseconds, mostly less."""

PER_CHARACTER = 50_000
"""Multiplications that take about as long as the calls for one position of a recurrent layer."""


@dataclass(frozen=True, eq=False)
class _Request:
    model: Model
    texts: Sequence[str]
    decisions: "asyncio.Future[Decisions]"
    work: int


class Gatherer:
    """Computes what requests wait for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._waiting: deque[_Request] = deque()
        self._before = 0
        self._long = ThreadPoolExecutor(1, "predict")
        self._others = ThreadPoolExecutor(1, "explain")

    async def decide(self, model: Model, texts: Sequence[str]) -> Decisions:
        """Decide strings, together with those of other requests."""
        loop = asyncio.get_running_loop()
        work = count_work(model, texts)
        if work > SHORT:
            self._metrics.gathered.observe(1)
            return await loop.run_in_executor(self._long, model.decide, texts)
        request = _Request(model, texts, loop.create_future(), work)
        if not self._waiting:
            loop.call_soon(self._go_round)
        self._waiting.append(request)
        return await request.decisions

    async def run(self, function: Callable[[], Value]) -> Value:
        """Run something else that takes time, one at a time, beside the predictions."""
        return await asyncio.get_running_loop().run_in_executor(self._others, function)

    def close(self) -> None:
        """Let the threads end when what they compute is done."""
        self._long.shutdown(wait=False, cancel_futures=True)
        self._others.shutdown(wait=False, cancel_futures=True)

    def _go_round(self) -> None:
        """Compute a batch, unless requests have come since the event loop's last round."""
        waiting = len(self._waiting)
        if waiting > self._before:
            self._before = waiting
        else:
            self._before = 0
            if group := self._take():
                self._compute(group)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._go_round)

    def _compute(self, group: Sequence[_Request]) -> None:
        """Decide the strings of requests for one model."""
        self._metrics.gathered.observe(len(group))
        try:
            decided = decide_each(group[0].model, [request.texts for request in group])
        except Exception as error:
            for request in group:
                request.decisions.set_exception(error)
            return
        for request, decisions in zip(group, decided, strict=True):
            request.decisions.set_result(decisions)

    def _take(self) -> list[_Request]:
        """Take the requests that wait for the model of the first, in order, up to short work."""
        group: list[_Request] = []
        others: deque[_Request] = deque()
        work = 0
        while self._waiting:
            request = self._waiting.popleft()
            if request.decisions.done():
                continue  # Whoever waited has given up.
            is_beside = not group or request.model is group[0].model
            if not is_beside or work + request.work > SHORT:
                others.append(request)
                continue
            work += request.work
            group.append(request)
        self._waiting = others
        return group


def count_work(model: Model, texts: Sequence[str]) -> int:
    """Estimate what strings cost, in multiplications: each weight once a character."""
    weights = model.file.architecture.num_worked_on
    return sum(map(len, texts)) * (weights + PER_CHARACTER)
