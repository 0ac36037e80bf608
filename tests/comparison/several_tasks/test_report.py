import json
import math

import pytest

from nlptrain.comparison.several_tasks.report import (
    improvement_rows,
    overall_columns,
    overall_rows,
    save_tasks,
    task_rows,
    task_statements,
    tasks_json,
)
from nlptrain.comparison.statistics.summary import rank_contestants
from nlptrain.files.storage import read_json

TWO = ({"sgd": [0.5, 0.7], "adam": [0.9, 0.8]}, {"sgd": [0.95, 0.95], "adam": [0.95, None]})


def ranks_of(task):
    return {each.contestant: each.rank for each in rank_contestants(task)}


def test_row_has_accuracy_and_rank_on_each_task(make_tasks):
    tasks = make_tasks(*TWO)
    first, second = map(ranks_of, tasks)
    assert task_rows(tasks) == [
        ("sgd", f"60.00 ({first['sgd']})", f"95.00 ({second['sgd']})"),
        ("adam", f"85.00 ({first['adam']})", f"95.00 ({second['adam']}, 1 diverged)"),
    ]


def test_contestant_of_which_all_diverged_has_no_score(make_tasks):
    assert task_rows(make_tasks({"sgd": [None, None]}))[0][1] == "– (1, 2 diverged)"


def test_overall_row_has_interquartile_mean_and_profile(make_tasks):
    columns = dict(
        zip(
            overall_columns(),
            list(zip(*overall_rows(make_tasks(*TWO)), strict=True))[1:],
            strict=True,
        )
    )
    # Of 0.5, 0.7, 0.95, 0.95 the middle two; of 0.9, 0.8, 0.95 and 0.5, that of a diverged one.
    means = [cell.partition(" [")[0] for cell in columns["interquartile mean"]]
    assert means == ["82.50 %", "85.00 %"]
    # Target 0.9: sgd on both seeds of the second task; adam on one seed of each.
    assert columns["τ ≤ 1"] == columns["reached"] == ("50 %", "50 %")


def test_probability_of_each_over_each_other(make_tasks):
    first, second = improvement_rows(make_tasks(*TWO))
    # 0.5, 0.7 against 0.9, 0.8: never; 0.95, 0.95 against 0.95, 0.5: two draws, two wins.
    assert (first[0], first[1], first[2].split()[0]) == ("sgd", "", "0.38")
    assert (second[0], second[1].split()[0], second[2]) == ("adam", "0.62", "")


@pytest.mark.parametrize("word", ["best", "better", "significant", "wins"])
def test_no_winner_is_named(make_tasks, word):
    tasks = make_tasks(*TWO)
    said = " ".join(statement.text for statement in task_statements(tasks))
    assert word not in said
    assert "none of them makes a winner" in said


def test_statements_have_the_numbers_of_the_tasks(make_tasks):
    statements = {each.id: each.text for each in task_statements(make_tasks(*TWO))}
    assert "all 4 final trials, 2 tasks × 2 seeds" in statements["over-tasks-scores"]
    assert all(text.endswith(".") for text in statements.values())


def test_file_has_every_number_and_no_infinity(make_tasks, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    tasks = make_tasks(*TWO)
    data = tasks_json(tasks, folders)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["tasks"] == ["task 0", "task 1"]
    assert data["scores"]["adam"] == [[0.9, 0.8], [0.95, 0.5]]
    assert data["ranks"] == [ranks_of(task) for task in tasks]
    assert math.isclose(data["interquartile_means"]["sgd"]["value"], 0.825)
    assert data["profile"]["sgd"] == [1.0, 1.0, None, None]


def test_same_comparisons_are_written_into_the_same_folder(make_tasks, tmp_path):
    tasks = make_tasks(*TWO)
    folders = [tmp_path / "one", tmp_path / "two"]
    files = [save_tasks(tasks, each, None) for each in (folders, folders, folders[::-1], folders)]
    assert [file.parent.name for file in files] == [
        "compare-tasks-001",
        "compare-tasks-001",
        "compare-tasks-002",
        "compare-tasks-001",
    ]
    assert read_json(files[0])["comparisons"] == [str(folder) for folder in folders]
    assert save_tasks(tasks, folders, tmp_path).parent == tmp_path
