"""What is shown while a search runs."""

import io

import pyte
import pytest
from rich.console import Console

from nlptrain.reporting.search_progress import SearchProgress, SearchState


def state(ended=7, **changes):
    fields = {
        "score": "accuracy",
        "ended": ended,
        "total": 40,
        "running": 2,
        "pruned": 3,
        "refused": 0,
        "seconds": 63.0,
        "left": 300.0,
        "best": (("5", "92.31 %", "type cnn, channels 64, learning_rate 0.003, batch_size 32"),),
        "given": "90.10 %",
    }
    return SearchState(**{**fields, **changes})


@pytest.fixture
def shown():
    """Show states on a terminal of 80 columns, or in a file."""

    def show(*states, terminal=True):
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=terminal, width=80, legacy_windows=False)
        progress = SearchProgress(console)
        for each in states:
            progress.follow(each)
        text = stream.getvalue()
        progress.close()
        return text

    return show


def test_summary_is_one_line():
    assert state().summary == "7 of 40 trials, 2 running, 3 pruned, 63 s, about 5.0 min left"
    assert state(total=None).summary.startswith("7 trials, 2 running")
    assert state(left=None, running=0).summary == "7 of 40 trials, 3 pruned, 63 s"


def test_terminal_shows_the_best_and_the_config_as_given(shown):
    text = shown(state())
    for words in ("7 of 40 trials", "92.31 %", "type cnn", "90.10 %", "the config as given"):
        assert words in text


def test_long_settings_are_cut_at_the_edge_of_the_terminal(shown):
    long = (("5", "92.31 %", ", ".join(f"setting_{number} 0.125" for number in range(20))),)
    screen = pyte.Screen(120, 24)
    pyte.Stream(screen).feed(shown(state(best=long)).replace("\n", "\r\n"))
    lines = [line.rstrip() for line in screen.display]
    assert max(map(len, lines)) <= 80
    _, names, found, given, *_ = lines
    assert names.split() == ["trial", "accuracy", "settings"]
    assert found.split()[:4] == ["5", "92.31", "%", "setting_0"]
    assert found.endswith("…")
    assert given.split() == ["90.10", "%", "the", "config", "as", "given"]


def test_markup_in_settings_is_text(shown):
    assert "[red]" in shown(state(best=(("5", "1 %", "characters [red]"),)))


def test_file_gets_a_line_at_each_quarter(shown):
    states = (state(ended, seconds=10.0 * ended, left=400.0 - 10 * ended) for ended in range(41))
    lines = shown(*states, terminal=False).splitlines()
    assert len(lines) == 5
    assert lines[1].startswith("search: 10 of 40 trials, 2 running")
    assert lines[1].endswith("best accuracy 92.31 %")
