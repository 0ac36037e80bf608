import json

import pytest

from nlptrain.files.storage import read_json


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
    decision = ["expected_calibration_error", "threshold", "temperature"]
    assert list(values) == [*keys, "confusion", *decision]
    for key in set(values) - {"loss", "expected_calibration_error"}:
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
    code, out, err = cli("evaluate", "--file", labelled, "--text", "title")
    assert (code, out) == (1, "")
    assert "no column 'title'; there is 'word', 'kind'" in err


def test_other_runs_dir(cli, runs, workplace):
    runs.rename(workplace / "elsewhere")
    assert cli("evaluate", "--json").code == 1
    assert cli("evaluate", "--json", "--runs-dir", "elsewhere").code == 0


def test_accuracy_by_length_is_printed_and_drawn_where_the_config_asks_for_it(cli, tiny, workplace):
    assert cli("train", "rnn", *tiny, "--set", "data.evaluate_lengths=[[20, 22]]").code == 0
    code, out, err = cli("evaluate")
    assert code == 0
    rows = [line.split()[:3] for line in out.splitlines()]
    assert ["12", "yes", "6"] in rows or ["12", "yes", "5"] in rows
    assert [row[:2] for row in rows if row[1:2] == ["no"]] == [
        ["20", "no"],
        ["21", "no"],
        ["22", "no"],
    ]
    figure = workplace / "runs" / "rnn-001" / "accuracy_by_length.png"
    assert figure.read_bytes()[1:4] == b"PNG"
    assert f"figure: runs/rnn-001/{figure.name}" in err
    assert len(json.loads(cli("evaluate", "--json").out)["by_length"]) >= 10


def test_calibrated_run_has_its_diagram_and_says_what_changed(cli, tiny, workplace):
    settings = ("training.calibration=temperature", "training.threshold=best_accuracy")
    cli("train", "rnn", *tiny, *(part for each in settings for part in ("--set", each)))
    out = cli("evaluate").out
    assert "calibration error without it" in out or "temperature" not in out
    assert (workplace / "runs" / "rnn-001" / "reliability.png").is_file()


def test_figures_go_where_they_are_wanted_also_for_a_file(cli, runs, labelled, workplace):
    columns = ("--file", labelled, "--text", "word", "--label", "kind")
    assert cli("evaluate", *columns, "--figures", "drawn/here").code == 0
    assert [path.name for path in (workplace / "drawn" / "here").iterdir()] == ["reliability.png"]
    assert not list((runs / "rnn-001").glob("*.png"))


def test_figures_cannot_go_where_a_file_stands(cli, runs, labelled):
    code, _, err = cli("evaluate", "--figures", labelled)
    assert code == 1
    assert "labelled.csv: cannot make the folder" in err


@pytest.fixture(scope="session")
def run_of_25_classes(tmp_path_factory):
    """Train two steps on 25 classes."""
    import nlptrain

    folder = tmp_path_factory.mktemp("many")
    rows = [f"s{place}x{number},class {place:02}" for place in range(25) for number in range(6)]
    (folder / "many.csv").write_text("\n".join(["text,kind", *rows]))
    settings = (
        f"data.file.path={folder}/many.csv",
        "training.steps=2",
        "logging.tensorboard=false",
    )
    return nlptrain.train("own_file", overrides=settings, runs_dir=folder, quiet=True).folder.path


def test_of_many_classes_those_that_matter_are_shown(cli, run_of_25_classes):
    code, out, _ = cli("evaluate", run_of_25_classes)
    assert code == 0
    assert len(out.splitlines()) <= 80
    parts = out.split("\n\n")
    heads = [part.splitlines()[0] for part in parts[1:]]
    assert heads[0] == "The 20 most frequent of 25 classes; --all-classes shows all:"
    assert heads[1] == "The 10 with the lowest F1:"
    assert heads[2].startswith("Most often confused, 15 of ")
    assert [len(part.splitlines()) for part in parts[1:]] == [3 + 20, 3 + 10, 3 + 15]


def test_all_classes_and_pairs_are_shown_where_wanted(cli, run_of_25_classes):
    out = cli("evaluate", run_of_25_classes, "--all-classes").out
    pairs = json.loads(cli("evaluate", run_of_25_classes, "--json").out)["confusion"]
    wrong = sum(pair["true"] != pair["predicted"] for pair in pairs)
    assert len(out.splitlines()) == 7 + (2 + 25) + 1 + (3 + wrong)


def test_unknown_labels_bad_rows_and_mistakes_are_shown_beside_the_scores(cli, runs, workplace):
    rows = "abc,present\nbcd,absent\nabc,absent\nb,perhaps\nbad\n"
    (workplace / "odd.csv").write_text(f"text,label\n{rows}")
    arguments = ("evaluate", "--file", "odd.csv", "--bad-rows", "skip", "--mistakes", "9")
    code, out, err = cli(*arguments, "--output", "out.csv")
    assert code == 0
    assert "of 4 rows, the 1 of unknown labels wrong; without those" in out
    assert "labels that the network does not know, counted as wrong: 'perhaps' (1)" in err
    assert "odd.csv:6: 1 field instead of 2\n" in err
    assert "bad rows, left out: 1 of 5" in err
    assert "out.csv: rows: 5" in err
    mistakes = json.loads(cli(*arguments, "--json").out)["mistakes"]
    assert all(str(each["line"]) in out for each in mistakes)
    assert {each["label"] for each in mistakes} >= {"perhaps"}
    assert (workplace / "out.csv").read_text().count("\n") == 6


def test_what_goes_with_a_file_is_refused_without_one(cli, runs):
    for option in (("--output", "o.csv"), ("--mistakes", "3"), ("--sheet", "S")):
        assert "go with --file" in cli("evaluate", *option).err
