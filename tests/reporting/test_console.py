import io
import re
import sys

import numpy as np
import pytest
from rich.console import Console

from nlptrain.reporting import console as console_module
from nlptrain.reporting.console import ConsoleProgress
from nlptrain.reporting.records import EvaluationRecord, StepRecord, TrainingMeans


class Clock:
    """A time that passes only when told to."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(console_module, "monotonic", clock)
    return clock


def make(total_steps=100, epochs=10, terminal=False, phase="", **options):
    stream = io.StringIO()
    options = {"width": 160, **options}
    console = Console(file=stream, force_terminal=terminal, _environ={}, **options)
    return ConsoleProgress(total_steps, epochs, console, phase), stream


def step(number, examples=50):
    return StepRecord(number, 3, 0.5, 3, examples, 0.001, None)


def evaluation(number, is_best=True, accuracy=0.992, loss=0.0311):
    matrix = np.eye(2, dtype=np.int64)
    return EvaluationRecord(number, 3, 0.0412, 0.9871, loss, accuracy, 0.992, matrix, is_best)


def run(progress, clock, records):
    for record in records:
        clock.now += 0.5 if isinstance(record, StepRecord) else 10
        progress.report(record)
    progress.close()


def last_frame(stream):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue()).rstrip().split("\r")[-1]


def test_plain_line_says_scores_and_speed(clock):
    progress, stream = make(total_steps=9390)
    run(progress, clock, [step(938), step(939), evaluation(939)])
    assert stream.getvalue() == (
        "epoch  3/10  step  939  train loss  0.0412 acc .9871"
        "  validation loss  0.0311 acc .9920 F1 .9920  best      100 strings/s\n"
    )


def test_line_of_a_second_phase_has_its_name_and_no_validation(clock):
    progress, stream = make(total_steps=9390, phase="refit")
    run(progress, clock, [step(938), step(939), TrainingMeans(939, 3, 0.0412, 0.9871)])
    assert stream.getvalue() == (
        "refit epoch  3/10  step  939  train loss  0.0412 acc .9871      100 strings/s\n"
    )


def test_plain_lines_stay_aligned(clock):
    progress, stream = make()
    losses = [1e-7, 0.0, 0.5, 99.0, 12345.6, float("nan")]
    records = [evaluation(3, loss > 1, loss / 1e5, loss) for loss in losses]
    run(progress, clock, records)
    lines = stream.getvalue().splitlines()
    assert len(lines) == len(losses)
    assert len({line.index("strings/s") for line in lines}) == 1
    assert len({line.index("F1") for line in lines}) == 1


def test_narrow_pipe_breaks_no_line(clock):
    progress, stream = make(width=40)
    run(progress, clock, [step(1), evaluation(1)])
    assert stream.getvalue().count("\n") == 1


def test_steps_print_nothing_off_a_terminal(clock):
    progress, stream = make()
    run(progress, clock, map(step, range(1, 50)))
    assert stream.getvalue() == ""


def test_evaluations_do_not_count_as_training_time(clock):
    progress, stream = make()
    run(progress, clock, [step(1), evaluation(1), step(2), evaluation(2)])
    assert [line.split()[-2] for line in stream.getvalue().splitlines()] == ["100", "100"]


def test_live_line_says_where_the_training_stands(clock):
    progress, stream = make(terminal=True)
    run(progress, clock, [step(9), step(10), evaluation(10), step(11)])
    frame = last_frame(stream)
    assert frame.startswith("epoch 3/10 ━━━")
    assert "11%  train loss  0.5000  validation acc .9920 best" in frame
    # Three steps in 11.5 s leave 89 more to go.
    assert frame.endswith("100 strings/s  5:41 left")


def test_narrow_terminal_gets_the_same_in_two_lines(clock):
    progress, stream = make(terminal=True, width=80)
    run(progress, clock, [step(9), step(10), evaluation(10), step(11)])
    place, scores = last_frame(stream).split("\n")
    assert place.startswith("epoch 3/10 ━━━")
    assert place.endswith("100 strings/s  5:41 left")
    assert scores == "train loss  0.5000  validation acc .9920 best"


def test_live_line_keeps_the_best_score_beside_a_worse_one(clock):
    progress, stream = make(terminal=True)
    run(progress, clock, [step(1), evaluation(1), evaluation(2, is_best=False, accuracy=0.5)])
    assert "validation acc .5000 (best .9920)" in last_frame(stream)


def test_live_line_is_redrawn_at_most_ten_times_a_second(clock):
    progress, stream = make(terminal=True)
    for number in range(1, 101):
        clock.now += 0.01
        progress.report(step(number))
    assert 8 <= stream.getvalue().count("epoch") <= 11
    progress.close()


def test_live_line_gives_cursor_and_standard_streams_back(clock):
    streams = sys.stdout, sys.stderr
    progress, stream = make(terminal=True)
    progress.report(step(1))
    assert sys.stdout is streams[0]
    progress.close()
    progress.close()
    assert (sys.stdout, sys.stderr) == streams
    assert stream.getvalue().endswith("\x1b[?25h")


def test_close_before_the_first_step_prints_nothing(clock):
    progress, stream = make(terminal=True)
    progress.close()
    assert stream.getvalue() == ""


def test_line_without_colour_where_none_is_wanted(clock):
    progress, stream = make(terminal=True, no_color=True)
    run(progress, clock, [step(1), evaluation(1)])
    assert "\x1b[32m" not in stream.getvalue()


def test_terminal_that_cannot_move_its_cursor_gets_plain_lines(clock):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=200, _environ={"TERM": "dumb"})
    run(ConsoleProgress(100, 10, console), clock, [step(1), evaluation(1)])
    assert stream.getvalue().startswith("epoch  3/10  step   1")
    assert stream.getvalue().count("\n") == 1
