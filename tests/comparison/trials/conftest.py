"""Groups of trials that do something else on their worker, process or machine."""

import pytest

from nlptrain.comparison.trials import execution


@pytest.fixture
def on_workers(monkeypatch):
    """Run something in place of each group, given the number, the group, and what really runs."""
    run = execution._run_numbered

    def replace_by(act):
        monkeypatch.setattr(execution, "_run_numbered", lambda *task: act(*task, run))

    return replace_by
