"""Long work on a terminal, in real processes: what stands on the screen while it runs."""

import os
import pty
import re
import select
import signal
import sys
import time

import pytest

from nlptrain.reporting.stage_progress import shown_on_terminal
from nlptrain.tracking.stage import stage

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

PROGRAM = """
import sys, time
from nlptrain.reporting.stage_progress import shown_on_terminal
from nlptrain.tracking.stage import stage, silence
with shown_on_terminal():
    if "-q" in sys.argv:
        silence()
    with stage("counting", 4) as advance:
        for done in range(1, 5):
            time.sleep(0.4)
            advance(done)
    with stage("thinking"):
        time.sleep(1.2)
    with stage("short"):
        pass
print("result")
"""


MANY_STAGES = """
import time
from nlptrain.reporting.stage_progress import shown_on_terminal
from nlptrain.tracking.stage import stage
with shown_on_terminal():
    for number in range(6):
        with stage(f"stage {number}"):
            time.sleep(0.4)
"""

EVALUATION_IN_TRAINING = """
import time
from nlptrain.api import build_audience
from nlptrain.reporting.records import StepRecord
from nlptrain.reporting.stage_progress import shown_on_terminal
from nlptrain.tracking.stage import track
with shown_on_terminal():
    display = build_audience(progress=True).watch_training(10, 1)
    display.report(StepRecord(5, 1, 0.5, 3, 4, 0.1, None))
    for _ in track(range(10), "evaluating", 10):
        time.sleep(0.2)
    display.close()
"""


@pytest.fixture
def on_terminal():
    """Run a program on a pseudo-terminal: all that it wrote there, with control codes."""

    def run(*arguments, stop_at=None, program=PROGRAM):
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(TERM="xterm", COLUMNS="80")
            os.execv(sys.executable, [sys.executable, "-c", program, *arguments])
        written, ending = b"", time.monotonic() + 60
        while time.monotonic() < ending:
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                part = os.read(terminal, 1 << 16)
            except OSError:  # what Linux calls the other side's end
                break
            written += part
            if stop_at is not None and stop_at in written:
                os.kill(child, signal.SIGINT)
                stop_at = None
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        return status, written.decode()

    return run


def test_stages_are_shown_and_taken_away(on_terminal):
    status, written = on_terminal()
    assert status == 0
    assert "counting" in written
    assert " 50%" in written
    assert "left" in written.partition("thinking")[0]
    assert "thinking" in written
    assert "short" not in written
    # The last line is erased before the result is printed.
    assert written.rstrip().endswith("result")
    assert "\x1b[2K" in written.rpartition("thinking")[2]


def test_stages_that_are_short_alone_are_shown_once_the_command_is_long(on_terminal):
    _, written = on_terminal(program=MANY_STAGES)
    assert "stage 0" not in written
    assert "stage 5" in written


def test_evaluation_is_shown_below_the_training_that_it_interrupts(on_terminal):
    status, written = on_terminal(program=EVALUATION_IN_TRAINING)
    assert status == 0
    assert re.search(r"epoch 1/1[^\n]* 50%[^\n]*\r\n(?:[^\n]*\r\n)?[^\n]*evaluating", written)
    assert "evaluating" not in written.rpartition("epoch")[2]


@pytest.mark.long
def test_quiet_work_shows_nothing(on_terminal):
    assert on_terminal("-q") == (0, "result\r\n")


@pytest.mark.long
def test_interrupted_work_gives_the_cursor_back(on_terminal):
    _, written = on_terminal(stop_at=b"thinking")
    assert "\x1b[?25h" in written.rpartition("\x1b[?25l")[2]


def test_nothing_is_watched_without_a_terminal(capsys):
    with shown_on_terminal(), stage("work", 2) as advance:
        advance(1)
        time.sleep(0.6)
    assert capsys.readouterr() == ("", "")
