import asyncio
import threading

import pytest

from nlptrain.inference.model import Model, load
from nlptrain.serving import batching
from nlptrain.serving.batching import Batcher
from nlptrain.serving.metrics import Metrics


@pytest.fixture
def groups(monkeypatch):
    """List which requests are computed together, each time, by their numbers of strings."""
    groups, decide_each = [], batching.decide_each

    def compute(model, requests):
        groups.append([len(texts) for texts in requests])
        assert threading.current_thread() is threading.main_thread()
        return decide_each(model, requests)

    monkeypatch.setattr(batching, "decide_each", compute)
    return groups


def ask(requests):
    """Ask for each request, a model and strings, at once: what each gets."""

    async def run():
        batcher = Batcher(Metrics())
        found = await asyncio.gather(
            *(batcher.decide(*request) for request in requests), return_exceptions=True
        )
        batcher.close()
        return found

    return asyncio.run(run())


def bound(monkeypatch, model, characters):
    """Let so many characters be the most that is short work."""
    work = batching.count_work(model, ["a" * characters])
    monkeypatch.setattr(batching, "SHORT_WORK", work)


def test_what_comes_at_once_is_computed_together(groups, finished_run):
    model = load(finished_run)
    requests = [["a"], ["bc"], ["d", "e"], ["f"]]
    found = ask([(model, texts) for texts in requests])
    assert groups == [[1, 1, 2, 1]]
    for texts, decisions in zip(requests, found, strict=True):
        assert decisions.probabilities.tolist() == model.decide(texts).probabilities.tolist()


def test_what_comes_round_after_round_is_computed_together(groups, finished_run):
    model = load(finished_run)

    async def run():
        batcher = Batcher(Metrics())
        asked = []
        for text in "abcd":
            asked.append(asyncio.create_task(batcher.decide(model, [text])))
            await asyncio.sleep(0)
        await asyncio.gather(*asked)
        await batcher.decide(model, ["e", "f"])

    asyncio.run(run())
    assert groups == [[1, 1, 1, 1], [2]]


def test_each_group_is_of_one_model_and_in_order(groups, finished_run):
    one, other = load(finished_run), load(finished_run)
    ask([(one, ["a"]), (other, ["b"]), (one, ["c", "d"]), (other, ["e"] * 3)])
    assert groups == [[1, 2], [1, 3]]


def test_a_group_is_no_longer_than_short_work(groups, finished_run, monkeypatch):
    model = load(finished_run)
    bound(monkeypatch, model, 10)
    ask([(model, texts) for texts in (["a"], ["b" * 6], ["c" * 5, "d"], ["e"] * 3, ["f"])])
    assert groups == [[1, 1, 3], [2, 1]]


def test_long_work_lets_others_go_first(groups, finished_run, monkeypatch):
    model, decide, let_go = load(finished_run), Model.decide, threading.Event()
    bound(monkeypatch, model, 10)

    def wait_and_decide(model, texts):
        assert let_go.wait(10)
        return decide(model, texts)

    monkeypatch.setattr(Model, "decide", wait_and_decide)

    async def run():
        batcher = Batcher(Metrics())
        long = asyncio.create_task(batcher.decide(model, ["a" * 11]))
        await asyncio.sleep(0)
        short = await batcher.decide(model, ["b"])
        assert not long.done()
        let_go.set()
        batcher.close()
        return [await long, short]

    found = asyncio.run(run())
    for text, decisions in zip(["a" * 11, "b"], found, strict=True):
        assert decisions.probabilities.tolist() == decide(model, [text]).probabilities.tolist()
    assert groups == [[1]]


def test_who_has_given_up_is_not_computed(groups, finished_run):
    model = load(finished_run)

    async def run():
        batcher = Batcher(Metrics())
        asked = [asyncio.create_task(batcher.decide(model, [text] * 2)) for text in "ab"]
        asked += [asyncio.create_task(batcher.decide(model, ["c"]))]
        await asyncio.sleep(0)
        for each in asked[:2]:
            each.cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    assert [type(each).__name__ for each in asyncio.run(run())] == [
        "CancelledError",
        "CancelledError",
        "Decisions",
    ]
    assert groups == [[1]]


def test_failure_reaches_everyone_who_waits(finished_run, monkeypatch):
    def fail(model, requests):
        raise MemoryError

    monkeypatch.setattr(batching, "decide_each", fail)
    found = ask([(load(finished_run), ["a"]), (load(finished_run), ["b"])])
    assert [type(each) for each in found] == [MemoryError, MemoryError]
