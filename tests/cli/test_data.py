import json

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
    for title in ("splits", "length tell the class", "models reach", "same string twice"):
        assert title in out
    assert "P(absent)" in out
    assert "odd in the file" not in out


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
    assert line.startswith("51.0% of the training strings are 'x'") or "are 'y'" in line
    config = line.rpartition("nlptrain data report ")[2]
    assert cli("data", "report", config).code == 0
