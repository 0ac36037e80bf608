import io
import re

import pytest
from rich.console import Console

from nlptrain.reporting.trial_progress import TrialProgress


@pytest.fixture
def watch():
    """Watch 100 tuning trials, then 3 final ones; give what was written."""

    def run(*, terminal):
        file = io.StringIO()
        console = Console(file=file, force_terminal=terminal, force_interactive=terminal, width=90)
        progress = TrialProgress(console)
        for stage, total in (("tuning", 100), ("final", 3)):
            for done in range(total + 1):
                progress.watch(stage, done, total)
        progress.close()
        return file.getvalue()

    return run


def test_few_lines_where_there_is_no_terminal(watch):
    assert watch(terminal=False).splitlines() == [
        "tuning: 0 of 100 trials",
        "tuning: 25 of 100 trials",
        "tuning: 50 of 100 trials",
        "tuning: 75 of 100 trials",
        "tuning: 100 of 100 trials",
        "final: 0 of 3 trials",
        "final: 1 of 3 trials",
        "final: 2 of 3 trials",
        "final: 3 of 3 trials",
    ]


def test_bars_stay_and_the_terminal_is_given_back(watch):
    written = watch(terminal=True)
    words = " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written).split())
    assert "tuning" in words
    assert "100/100 trials" in words
    assert "3/3 trials" in words
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")


def test_stage_of_which_all_has_finished_is_one_line():
    file = io.StringIO()
    progress = TrialProgress(Console(file=file))
    progress.watch("tuning", 4, 4)
    progress.close()
    assert file.getvalue() == "tuning: 4 of 4 trials\n"


def test_stage_without_trials_is_told_once():
    file = io.StringIO()
    progress = TrialProgress(Console(file=file))
    for _ in range(2):
        progress.watch("final", 0, 0)
    assert file.getvalue() == "final: 0 of 0 trials\n"
