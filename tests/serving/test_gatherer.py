import asyncio
import threading

import pytest

from nlptrain.inference.model import load
from nlptrain.serving import gatherer as gathering
from nlptrain.serving.gatherer import Gatherer
from nlptrain.serving.metrics import Metrics


@pytest.fixture
def held(monkeypatch):
    """Hold up the computing thread until it is let go; which requests it got each time."""
    groups, let_go, decide_each = [], threading.Event(), gathering.decide_each

    def compute(model, requests):
        groups.append([len(texts) for texts in requests])
        let_go.wait(10)
        return decide_each(model, requests)

    monkeypatch.setattr(gathering, "decide_each", compute)
    return groups, let_go


def gather(held, models, requests):
    """Ask for each request at once, while the first one is being computed."""
    groups, let_go = held

    async def run():
        gatherer = Gatherer(Metrics())
        asked = []
        for model, texts in zip(models, requests, strict=True):
            asked.append(asyncio.create_task(gatherer.decide(model, texts)))
            await asyncio.sleep(0.01)
        let_go.set()
        found = await asyncio.gather(*asked, return_exceptions=True)
        gatherer.close()
        return found

    return asyncio.run(run()), groups


def test_what_comes_meanwhile_is_computed_together(held, finished_run):
    model = load(finished_run)
    requests = [["a"], ["bc"], ["d", "e"], ["f"]]
    found, groups = gather(held, [model] * 4, requests)
    assert groups == [[1], [1, 2, 1]]
    for texts, decisions in zip(requests, found, strict=True):
        assert decisions.probabilities.tolist() == model.decide(texts).probabilities.tolist()


def test_each_group_is_of_one_model_and_in_order(held, finished_run):
    one, other = load(finished_run), load(finished_run)
    _, groups = gather(held, [one, other, one, other], [["a"], ["b"], ["c", "d"], ["e"] * 3])
    assert groups == [[1], [1, 3], [2]]


def test_a_large_request_is_computed_alone(held, finished_run, monkeypatch):
    monkeypatch.setattr(gathering, "MOST_CHARACTERS", 10)
    requests = [["a"], ["b" * 6], ["c" * 50], ["d"]]
    _, groups = gather(held, [load(finished_run)] * 4, requests)
    assert groups == [[1], [1], [1], [1]]


def test_failure_reaches_everyone_who_waits(held, finished_run, monkeypatch):
    groups, let_go = held
    let_go.set()

    def fail(model, requests):
        raise MemoryError

    monkeypatch.setattr(gathering, "decide_each", fail)
    found, _ = gather((groups, let_go), [load(finished_run)] * 2, [["a"], ["b"]])
    assert [type(each) for each in found] == [MemoryError, MemoryError]
