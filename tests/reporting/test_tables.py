import io
import re

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from nlptrain.reporting.table_layout import print_facts, print_matrix, print_table
from nlptrain.reporting.tables import (
    comparison_table,
    confusion_table,
    network_table,
    plain_table,
    runs_table,
)

LANGUAGES = [f"Language{index:02}" for index in range(17)]


def shown(table, width=80, terminal=False, print_it=print_table):
    """Print a table, or facts, and take the colours off."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=terminal, no_color=True, _environ={})
    print_it(table, console)
    return re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())


def facts(rows, **options):
    return shown(rows, print_it=print_facts, **options)


def cells(text, start):
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [start])


def test_facts_are_a_row_a_line():
    text = facts({"test accuracy": "1.0000", "run": "runs/[red]-001"})
    assert [line.rstrip() for line in text.splitlines()] == [
        "test accuracy  1.0000",
        "run            runs/[red]-001",
    ]


@pytest.mark.parametrize("terminal", [False, True])
def test_long_path_is_neither_cut_nor_broken(terminal):
    path = "/home/" + "x" * 200
    assert path in facts({"run": path}, terminal=terminal)


def test_confusion_table_has_a_row_a_true_class():
    text = shown(confusion_table(["absent", "present"], [[9, 1], [20, 8]]))
    assert cells(text, "true")[-2:] == ["absent", "present"]
    assert cells(text, "present") == ["present", "20", "8"]


@pytest.mark.parametrize("terminal", [False, True])
def test_confusion_table_of_many_classes_is_whole_at_any_width(terminal):
    matrix = (np.arange(17 * 17).reshape(17, 17) * 1000).tolist()
    table = confusion_table(LANGUAGES, matrix)
    text = shown(table, width=40, terminal=terminal, print_it=print_matrix)
    assert "…" not in text
    assert all(str(count) in text.split() for row in matrix for count in row)
    assert all(name in text for name in LANGUAGES)


@pytest.mark.parametrize("terminal", [False, True])
def test_no_line_ends_in_spaces(terminal):
    tables = [
        network_table([("embedding", "(B, T, 16)", 192), ("head", "(B, 1)", 1065)]),
        runs_table([("rnn-001", "killed", "rnn", "adam", "", "7.1", "yesterday")]),
    ]
    text = "".join(shown(table, terminal=terminal) for table in tables)
    text += facts({"test accuracy": "1.0000", "run": "a long/path", "error": ""}, terminal=terminal)
    lines = text.splitlines()
    assert len(lines) == 6 + 3 + 3
    assert lines == [line.rstrip() for line in lines]


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
    assert label in shown(confusion_table([label, "other"], [[1, 0], [0, 1]]))


def test_control_characters_in_a_name_do_not_reach_the_terminal():
    row = ("\x1b]0;title\x07", "\n", "", "", "", "", "")
    text = shown(runs_table([row]), width=200, terminal=True)
    assert "\x07" not in text
    assert "\\x1b]0;title\\x07" in text


SCORES = ("41.0 %", "80.2 %", "98.52 % [98.10, 98.90]", "0.04", "5 of 5, 120", "0 of 5")
"""Early and final accuracy, loss, steps to the target, diverged."""


def test_comparison_table_shows_a_contestant_a_row():
    row = (
        "1",
        "sgd [b]",
        "0.1 (upper edge)",
        "41.0 %",
        "80.2 %",
        "98.52 % [98.10, 98.90]",
        "0.04",
        "5 of 5, 120",
    )
    text = shown(comparison_table([(*row, "0 of 5")]), width=200)
    assert all(cell in text for cell in row)
    assert cells(text, "rank")[:2] == ["rank", "contestant"]


def test_tuned_settings_of_a_comparison_may_wrap_beside_the_learning_rate():
    others = "betas [0.9, 0.99], weight_decay 0.01"
    row = (
        "1",
        "adamw",
        others,
        "0.01",
        "–",
        "80.2 %",
        "98.52 % [98.10, 98.90]",
        "0.04",
        "5 of 5, 120",
        "0 of 5",
    )
    wide = shown(comparison_table([row]), width=200)
    assert all(cell in wide for cell in row)
    narrow = shown(comparison_table([row], "x.json"), width=80, terminal=True)
    assert "other settings" in narrow
    assert "weight_decay 0.01" in narrow
    assert max(map(len, narrow.splitlines())) <= 80


NAME = "sgd (momentum 0.9, nesterov)"
CONTESTANTS = [
    (
        "1",
        NAME,
        "0.1 (upper edge)",
        "41.0 %",
        "80.2 %",
        "98.52 % [98.10, 98.90]",
        "0.04",
        "5 of 5, 120",
        "0 of 5",
    ),
    (
        "2",
        "adam",
        "0.01",
        "–",
        "90.0 %",
        "100.00 % [100.00, 100.00]",
        "0.001",
        "4 of 5, 1,200",
        "1 of 5",
    ),
]


@pytest.mark.parametrize("width", range(60, 140, 4))
def test_no_table_is_wider_than_the_screen_and_none_loses_a_name_or_a_number(width):
    text = shown(comparison_table(CONTESTANTS, "x.json"), width=width, terminal=True)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    for row in CONTESTANTS:
        assert row[1] in text
        assert row[5] in text
    is_block = "learning rate" in text and "not shown" not in text
    assert is_block or "see x.json" in text.replace("\n", " ")


def test_columns_that_matter_less_go_first_and_are_named():
    table = plain_table(["name"], ["a", "b"], [("n", "1" * 10, "2" * 10)], omit_first=["a"])
    text = shown(table, width=20, terminal=True)
    assert "1" not in text
    assert "2" * 10 in text
    assert text.splitlines()[-2:] == ["not shown at this", "width: a"]


def test_rows_become_blocks_where_nothing_more_may_go():
    table = plain_table(["name"], ["a", "b"], [("n", "1" * 10, "2" * 10), ("m", "3", "")])
    lines = shown(table, width=20, terminal=True).splitlines()
    assert lines == ["name n", f"  a  {'1' * 10}", f"  b  {'2' * 10}", "name m", "  a  3"]


def test_a_name_longer_than_half_the_screen_wraps_and_loses_nothing():
    label = "".join(f"{number:03}" for number in range(66))
    table = plain_table(["label"], ["F1"], [(label, "0.5000")])
    text = shown(table, width=60, terminal=True)
    assert max(map(len, text.splitlines())) <= 60
    assert "".join(line.removesuffix("0.5000").strip() for line in text.splitlines()[2:]) == label


@pytest.mark.parametrize("name", ["日本語の名前", "😀😀", "e\u0301a"])
def test_wide_characters_keep_the_columns_in_line(name):
    table = plain_table(["label"], ["F1"], [(name, "0.5"), ("x", "0.7")])
    text = shown(table, width=60, terminal=True)
    ends = {cell_len(line) for line in text.splitlines()[2:]}
    assert len(ends) == 1


def test_facts_wrap_at_words_below_their_value():
    text = facts({"why": "one two three four", "x": "y"}, width=14, terminal=True)
    assert text.splitlines() == ["why  one two", "     three", "     four", "x    y"]
