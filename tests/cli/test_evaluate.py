import json

import pytest

from nlptrain.storage import read_json


@pytest.fixture
def labelled(workplace):
    (workplace / "labelled.csv").write_text("word,kind\nabc,present\nbcd,absent\njjj,present\n")
    return "labelled.csv"


def test_table_has_the_scores_and_the_majority_rate_beside_them(cli, runs):
    code, out, err = cli("evaluate")
    report = read_json(runs / "rnn-001" / "report.json")
    assert code == 0
    assert err == "model: runs/rnn-001/model.safetensors, examples: test split\n"
    rows = [line.split() for line in out.splitlines()]
    assert ["accuracy", f"{report['accuracy']:.4f}"] in rows
    assert ["majority", "class", "0.5000"] in rows
    assert sum("absent" in row for row in rows) == 3


def test_json_is_one_object(cli, runs):
    values = json.loads(cli("evaluate", "rnn-001", "--json").out)
    report = read_json(runs / "rnn-001" / "report.json")
    keys = ["accuracy", "macro_f1", "loss", "majority_rate", "examples", "classes"]
    assert list(values) == [*keys, "confusion_matrix"]
    for key in set(values) - {"loss"}:
        assert values[key] == report[key]


def test_split_is_chosen(cli, runs):
    assert json.loads(cli("evaluate", "--split", "train", "--json").out)["examples"] == 300


def test_labelled_file_is_scored(cli, runs, labelled):
    arguments = ("--file", labelled, "--text", "word", "--label", "kind", "--json")
    code, out, err = cli("evaluate", *arguments)
    assert code == 0
    assert json.loads(out)["examples"] == 3
    assert err.endswith("examples: labelled.csv\n")


def test_columns_that_are_not_there_are_named(cli, runs, labelled):
    code, out, err = cli("evaluate", "--file", labelled)
    assert (code, out) == (1, "")
    assert "no column 'text'; there is 'word', 'kind'" in err


def test_other_runs_dir(cli, runs, workplace):
    runs.rename(workplace / "elsewhere")
    assert cli("evaluate", "--json").code == 1
    assert cli("evaluate", "--json", "--runs-dir", "elsewhere").code == 0
