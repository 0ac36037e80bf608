"""A user's own messy CSV, from the config to predictions, by the commands."""

import csv
import json

import pytest

CONFIG = """
name: pets
data: {file: {path: pets.csv, text: call, label: pet, bad_rows: skip, min_examples: 3}}
text: {min_count: 1}
model: {embedding: {dim: 8}, encoder: {type: rnn, hidden_size: 16}}
optimizer: {learning_rate: 0.03}
training: {epochs: 40, batch_size: 8}
logging: {tensorboard: false}
"""
MESSY_ROWS = """
  wuff 1  ,dog
wuff 1,dog
wuff 1,cat
"wuff, wuff",dog
sss,snake
no label,
too,many,columns
,cat
"""


@pytest.fixture
def folder(workplace):
    """Work where the user's file and config are."""
    calls = {"dog": "wuff", "cat": "miau"}
    rows = [f"{calls[pet]} {number},{pet}" for pet in calls for number in range(30)]
    (workplace / "pets.csv").write_text("\n".join(["call,pet", *rows, MESSY_ROWS]))
    (workplace / "pets.yaml").write_text(CONFIG)
    return workplace


@pytest.fixture
def trained(folder, cli):
    """Train, and give what the command said on standard error."""
    result = cli("train", "pets.yaml")
    assert result.code == 0, result.err
    return result.err


def test_report_counts_what_was_wrong_with_the_rows(trained, folder):
    report = json.loads((folder / "runs" / "pets-001" / "report.json").read_text())
    assert report["accuracy"] == 1
    found = {name: report["data"][name] for name in ("rows", "bad_rows", "duplicates")}
    # Bad: a blank line, no label, a third column. "wuff 1" stands there three times more.
    assert found == {"rows": 69, "bad_rows": 3, "duplicates": 3}
    assert report["data"]["conflicts"] == 1
    assert "pets.csv:62: blank line" in trained
    assert "'snake' (1)" in trained


def test_other_strings_are_predicted(trained, cli):
    result = cli("predict", "miau 3", "  wuff 77 ", "", "--json")
    predictions = [json.loads(line) for line in result.out.splitlines()]
    assert [each["text"] for each in predictions] == ["miau 3", "  wuff 77 ", ""]
    assert [each["label"] for each in predictions[:2]] == ["cat", "dog"]
    for each in predictions:
        assert sum(each["probabilities"].values()) == pytest.approx(1)


def test_whole_file_is_predicted_with_its_bad_rows_in_place(trained, folder, cli):
    result = cli("predict", "--file", "pets.csv", "--output", "out.csv")
    assert result.code == 1
    with (folder / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    labels = [row["predicted_label"] for row in rows]
    assert labels[:60] == ["dog"] * 30 + ["cat"] * 30
    assert len(rows) == 69
    assert [number for number, label in enumerate(labels, 2) if not label] == [62, 69]
