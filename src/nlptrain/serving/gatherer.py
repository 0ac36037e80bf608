"""Concurrent requests, gathered: what has come while a batch was computed is the next batch.

Nobody waits for company: a request that comes alone is computed at once. One thread computes, as
two would only take turns; the event loop meanwhile reads the next requests.
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

MOST_CHARACTERS = 1 << 16
"""Characters of the requests computed together, but for a longer one alone: so that a large
request holds up the small ones only once."""


@dataclass(frozen=True, eq=False)
class _Request:
    model: Model
    texts: Sequence[str]
    decisions: "asyncio.Future[Decisions]"
    characters: int


class Gatherer:
    """Computes in threads of its own what requests wait for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._waiting: deque[_Request] = deque()
        self._work: asyncio.Task[None] | None = None
        self._predicting = ThreadPoolExecutor(1, "predict")
        self._others = ThreadPoolExecutor(1, "explain")

    async def decide(self, model: Model, texts: Sequence[str]) -> Decisions:
        """Decide strings, together with those of other requests."""
        loop = asyncio.get_running_loop()
        characters = sum(map(len, texts))
        request = _Request(model, texts, loop.create_future(), characters)
        self._waiting.append(request)
        if self._work is None or self._work.done():
            self._work = loop.create_task(self._compute_all())
        return await request.decisions

    async def run(self, function: Callable[[], Value]) -> Value:
        """Run something else that takes time, one at a time, beside the predictions."""
        return await asyncio.get_running_loop().run_in_executor(self._others, function)

    def close(self) -> None:
        """Let the threads end when what they compute is done."""
        self._predicting.shutdown(wait=False, cancel_futures=True)
        self._others.shutdown(wait=False, cancel_futures=True)

    async def _compute_all(self) -> None:
        loop = asyncio.get_running_loop()
        while group := self._take():
            model, texts = group[0].model, [request.texts for request in group]
            self._metrics.gathered.observe(len(group))
            try:
                decided = await loop.run_in_executor(self._predicting, decide_each, model, texts)
            except Exception as error:
                for request in group:
                    if not request.decisions.done():
                        request.decisions.set_exception(error)
                continue
            for request, decisions in zip(group, decided, strict=True):
                # Whoever waited may have given up.
                if not request.decisions.done():
                    request.decisions.set_result(decisions)

    def _take(self) -> list[_Request]:
        """Take the requests that wait for the model of the first, in order."""
        group: list[_Request] = []
        others: list[_Request] = []
        characters = 0
        while self._waiting and characters <= MOST_CHARACTERS:
            request = self._waiting.popleft()
            if request.decisions.done():
                continue
            if group and request.model is not group[0].model:
                others.append(request)
                continue
            characters += request.characters
            if group and characters > MOST_CHARACTERS:
                others.append(request)
                break
            group.append(request)
        self._waiting.extendleft(reversed(others))
        return group
