"""That Python waits for a device only where it is far ahead of it."""

import torch

from nlptrain.torch_nn import pace


def test_the_step_that_is_waited_for_is_eight_before(monkeypatch):
    events = []

    class Event:
        def __init__(self):
            self.number = len(events)

        def record(self):
            events.append(("made", self.number))

        def synchronize(self):
            events.append(("waited", self.number))

    monkeypatch.setattr(torch.cuda, "Event", Event)
    on_cuda = pace.Pace(torch.device("cuda"))
    for _ in range(9):
        on_cuda.keep()
    assert events == [*(("made", number) for number in range(9)), ("waited", 0)]


def test_a_cpu_is_never_behind(monkeypatch):
    monkeypatch.delattr(torch.cuda, "Event")
    on_cpu = pace.Pace(torch.device("cpu"))
    for _ in range(20):
        on_cpu.keep()
