import json
import re

import pytest

SMALL = [
    argument
    for name in ("train=200", "validation=50", "test=50")
    for argument in ("--set", f"data.sizes.{name}")
]


@pytest.fixture
def labelled(workplace):
    """Write a config of a file with duplicates, conflicts and a small class."""
    rows = [f"s{number},{'xy'[number % 2]}" for number in range(60)]
    rows += [*rows[:5], "s0,y", "S1,y", "rare,z"]
    (workplace / "mine.csv").write_text("\n".join(["text,label", *rows]))
    (workplace / "mine.yaml").write_text("data: {file: {path: mine.csv}}\n")
    return "mine.yaml"


def test_report_of_a_task_has_every_section(cli):
    code, out, err = cli("data", "report", "rnn", *SMALL)
    assert (code, err) == (0, "")
    for title in ("splits", "length predict the class", "shallow baselines", "duplicates"):
        assert title in out
    assert "P(absent)" in out
    assert "unusual in the file" not in out


def test_report_of_a_file_names_what_is_odd(cli, labelled):
    out = cli("data", "report", labelled).out
    assert "1 string with several labels" in out
    assert "'z' (1)" in out
    case = next(line.split() for line in out.splitlines() if line.startswith("case "))
    assert {*case[1:4]} == {"'s1'", "/", "'S1'"}
    assert case[4] == "1"


def test_report_as_json(cli, labelled):
    values = json.loads(cli("data", "report", labelled, "--json").out)
    kinds = [finding["kind"] for finding in values["findings"]]
    assert kinds == ["majority", "duplicates", "conflicts", "small_classes"]


def test_training_on_a_file_points_to_a_report_that_works(cli, labelled):
    small = ("--set", "training.epochs=1", "--set", "logging.tensorboard=false")
    err = cli("train", labelled, *small).err
    line = next(line for line in err.splitlines() if "nlptrain data report" in line)
    assert re.match(r"2 classes; always guessing '[xy]' is right for 51\.0 % of the training", line)
    config = line.rpartition("nlptrain data report ")[2]
    assert cli("data", "report", config).code == 0


def test_show_lists_each_class_and_split(cli):
    out = cli("data", "show", "rnn", *SMALL, "--count", "2").out
    rows = [line.split() for line in out.splitlines()[2:]]
    assert [row[:2] for row in rows[:2]] == [["train", "absent"], ["train", "present"]]
    assert [row[-1] for row in rows] == ["100", "100", "25", "25", "25", "25"]
    assert all("'a" in row[2] or "a" in "".join(row[2:4]) for row in rows if row[1] == "present")


def test_exported_examples_train_as_the_message_says(cli, workplace):
    import shlex

    code, out, err = cli("data", "export", "rnn", *SMALL, "--output", "new folder.csv")
    assert (code, out) == (0, "new folder.csv: train 200, validation 50, test 50\n")
    command = shlex.split(err.strip().partition(": nlptrain ")[2])
    dry = cli(*command, "--dry-run")
    assert dry.code == 0
    assert "took" not in dry.err


def test_export_refuses_other_endings(cli, workplace):
    code, _, err = cli("data", "export", "rnn", *SMALL, "--output", "x.tsv")
    assert code == 1
    assert "one of csv, jsonl, parquet" in err
    assert list(workplace.iterdir()) == []


def test_tasks_are_listed_with_their_parameters(cli):
    out = cli("data", "tasks").out
    line = next(line for line in out.splitlines() if line.startswith("contains_any"))
    assert "lengths: [4, 12]" in line
    values = json.loads(cli("data", "tasks", "--json").out)
    assert "contains_any" in [task["name"] for task in values]


@pytest.fixture
def many(tmp_path):
    """Write a table of 25 classes, each with five strings, the last with ten."""
    rows = [f"s{place}x{number},class {place:02}" for place in range(25) for number in range(5)]
    rows += [f"more{number},class 24" for number in range(5)]
    path = tmp_path / "many.csv"
    path.write_text("\n".join(["text,kind", *rows]))
    return ("own_file", "--set", f"data.file.path={path}")


def test_show_lists_the_20_most_frequent_of_many_classes(cli, many):
    code, out, err = cli("data", "show", *many)
    assert code == 0
    assert len(out.splitlines()) == 2 + 3 * 20
    assert "class 24" in out
    assert "class 20" not in out
    assert "the 20 most frequent of 25 classes; --all-classes shows all" in err
    assert len(cli("data", "show", *many, "--all-classes").out.splitlines()) == 2 + 3 * 25
