import io
import re

import numpy as np
import pytest
from rich.console import Console

from nlptrain.reporting.tables import (
    comparison_table,
    confusion_table,
    final_table,
    network_table,
    print_table,
    runs_table,
    scores_table,
)

LANGUAGES = [f"Language{index:02}" for index in range(17)]


def shown(table, width=80, terminal=False):
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=terminal, no_color=True, _environ={})
    print_table(table, console)
    return stream.getvalue()


def cells(text, start):
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [start])


def test_final_table_shows_a_row_a_line():
    text = shown(final_table({"test accuracy": "1.0000", "run": "runs/[red]-001"}))
    assert [line.rstrip() for line in text.splitlines()] == [
        "test accuracy  1.0000",
        "run            runs/[red]-001",
    ]


@pytest.mark.parametrize("terminal", [False, True])
def test_long_path_is_neither_cut_nor_broken(terminal):
    path = "/home/" + "x" * 200
    assert path in shown(final_table({"run": path}), terminal=terminal)


def test_scores_table_shows_each_class():
    scores = np.array([0.5, 1.0]), np.array([0.25, 0.0]), np.array([0.125, 0.75])
    text = shown(scores_table(["absent", "present"], *scores, np.array([1000, 20])))
    assert cells(text, "absent") == ["absent", "0.5000", "0.2500", "0.1250", "1,000"]
    assert cells(text, "present") == ["present", "1.0000", "0.0000", "0.7500", "20"]


def test_confusion_table_has_a_row_a_true_class():
    text = shown(confusion_table(["absent", "present"], np.array([[9, 1], [20, 8]])))
    assert cells(text, "true")[-2:] == ["absent", "present"]
    assert cells(text, "present") == ["present", "20", "8"]


@pytest.mark.parametrize("terminal", [False, True])
def test_confusion_table_of_many_classes_is_whole_at_any_width(terminal):
    matrix = np.arange(17 * 17).reshape(17, 17) * 1000
    text = shown(confusion_table(LANGUAGES, matrix), width=40, terminal=terminal)
    assert "…" not in text
    assert all(str(count) in text.split() for count in matrix.flat)
    assert all(name in text for name in LANGUAGES)


@pytest.mark.parametrize("terminal", [False, True])
def test_no_line_ends_in_spaces(terminal):
    tables = [
        final_table({"test accuracy": "1.0000", "run": "a long/path"}),
        network_table([("embedding", "(B, T, 16)", 192), ("head", "(B, 1)", 1065)]),
        runs_table([("rnn-001", "killed", "rnn", "adam", "", "7.1", "yesterday")]),
    ]
    lines = "".join(shown(table, terminal=terminal) for table in tables).splitlines()
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    assert len(plain) == 2 + 6 + 3
    assert plain == [line.rstrip() for line in plain]


def test_network_table_adds_up_the_parameters():
    text = shown(network_table([("embedding", "(B, T, 16)", 192), ("head", "(B, 1)", 1065)]))
    assert cells(text, "head") == ["head", "(B,", "1)", "1,065"]
    assert cells(text, "total") == ["total", "1,257"]


def test_runs_table_shows_a_run_a_row():
    row = ("rnn-001", "finished", "rnn", "adam", "1.0000", "7.1", "yesterday")
    assert tuple(cells(shown(runs_table([row])), "rnn-001")) == row


def test_runs_table_off_a_terminal_keeps_each_run_on_its_line():
    row = ("n" * 80, "interrupted", "rnn_tanh", "adam_by_hand", "0.5", "7.1", "2 minutes ago")
    text = shown(runs_table([row, row]))
    assert sum("n" * 80 in line and "2 minutes ago" in line for line in text.splitlines()) == 2


@pytest.mark.parametrize("label", ["[red]x[/red]", "[/]", "a\\[b"])
def test_markup_in_a_label_is_shown_as_it_is(label):
    assert label in shown(confusion_table([label, "other"], np.eye(2, dtype=np.int64)))


def test_control_characters_in_a_name_do_not_reach_the_terminal():
    row = ("\x1b]0;title\x07", "\n", "", "", "", "", "")
    text = shown(runs_table([row]), width=200, terminal=True)
    assert "\x07" not in text
    assert "\\x1b]0;title\\x07" in text


def test_comparison_table_shows_a_contestant_a_row():
    row = ("1", "sgd [b]", "0.1 (upper edge)", "98.52 % [98.10, 98.90]", "0.04", "5 of 5, 120")
    text = shown(comparison_table([(*row, "0 of 5")]), width=200)
    assert all(cell in text for cell in row)
    assert cells(text, "rank")[:2] == ["rank", "contestant"]
