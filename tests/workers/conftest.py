"""Parts of some work that do something else on their worker, process or machine."""

from functools import partial

import pytest

from nlptrain.workers import execution


@pytest.fixture
def on_workers(monkeypatch):
    """Run something in place of each part, given the number, the part, and what really runs."""
    run = execution._run_numbered

    def replace_by(act):
        monkeypatch.setattr(
            execution,
            "_run_numbered",
            lambda task, number, part: act(number, part, partial(run, task)),
        )

    return replace_by
