import numpy as np
import polars as pl
import pytest

from nlptrain.errors import DataError, RunFolderError
from nlptrain.files.storage import read_json
from nlptrain.inference import scored_file
from nlptrain.inference.evaluation import evaluate_file, evaluate_split
from nlptrain.inference.labelled_file import LabelledFile

ROWS = [("abc", "present"), ("bcd", "absent"), ("x", "present"), ("", "absent"), ("aa", "absent")]


@pytest.fixture
def labelled(tmp_path):
    """Write rows to a CSV file."""

    def write(rows, name="labelled.csv", header=("text", "label"), delimiter=","):
        path = tmp_path / name
        lines = [delimiter.join(row) for row in ([header] if header else []) + rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def test_test_split_scores_as_training_said(runs):
    scores = evaluate_split("rnn-001", runs, "test").scores
    report = read_json(runs / "rnn-001" / "report.json")
    assert scores.accuracy == report["accuracy"]
    assert scores.confusion.to_json(["absent", "present"]) == report["confusion"]
    assert scores.loss == pytest.approx(report["loss"], rel=1e-5)


@pytest.mark.parametrize(("split", "size"), [("train", 300), ("validation", 50)])
def test_other_splits_can_be_scored(runs, split, size):
    assert evaluate_split(None, runs, split).scores.examples == size


def test_model_file_of_a_run_stands_for_the_run(runs):
    evaluation = evaluate_split("runs/rnn-001/model.safetensors", runs, "test")
    assert evaluation.scores.examples == 50


def test_model_file_alone_has_no_splits(runs, tmp_path):
    model = (runs / "rnn-001" / "model.safetensors").rename(tmp_path / "model.safetensors")
    with pytest.raises(RunFolderError, match=r"has no splits; .*--file"):
        evaluate_split(str(model), runs, "test")


def test_split_that_does_not_exist_is_refused(runs):
    with pytest.raises(DataError, match="'dev' is not one of train, validation, test"):
        evaluate_split(None, runs, "dev")


def test_changed_data_is_refused(runs):
    config = runs / "rnn-001" / "config.yaml"
    config.write_text(config.read_text().replace("seed: 0", "seed: 1"))
    with pytest.raises(DataError, match="its data has changed"):
        evaluate_split("rnn-001", runs, "test")


def test_file_is_scored_by_its_predictions(runs, labelled):
    evaluation = evaluate_file(None, runs, LabelledFile(labelled(ROWS)))
    predictions = evaluation.model.predict([text for text, _ in ROWS])
    true = [label for _, label in ROWS]
    right = [each.label == label for each, label in zip(predictions, true, strict=True)]
    likelihoods = [p.probabilities[label] for p, label in zip(predictions, true, strict=True)]
    scores = evaluation.scores
    assert scores.accuracy == pytest.approx(np.mean(right))
    assert scores.loss == pytest.approx(-np.mean(np.log(likelihoods)), rel=1e-4)
    assert scores.support.tolist() == [true.count("absent"), true.count("present")]
    assert scores.majority_rate == pytest.approx(3 / 5)


def test_columns_delimiter_and_encoding_can_be_said(runs, labelled):
    path = labelled([("x", *row) for row in ROWS], header=("id", "a", "b"), delimiter=";")
    path.write_bytes(path.read_bytes() + "1;é;absent\n".encode("latin-1"))
    file = LabelledFile(path, "a", "b", delimiter=";", encoding="latin-1")
    assert evaluate_file(None, runs, file).scores.examples == len(ROWS) + 1


def test_numbered_columns_mean_that_there_is_no_header(runs, labelled):
    path = labelled(ROWS, header=None)
    assert evaluate_file(None, runs, LabelledFile(path, 0, 1)).scores.examples == len(ROWS)


def test_rows_of_labels_that_the_network_does_not_know_count_as_wrong(runs, labelled):
    known = evaluate_file(None, runs, LabelledFile(labelled(ROWS)))
    path = labelled([*ROWS, ("a", "perhaps"), ("b", "perhaps"), ("c", "no")])
    evaluation = evaluate_file(None, runs, LabelledFile(path))
    assert evaluation.scores.accuracy == known.scores.accuracy
    assert evaluation.accuracy == pytest.approx(known.accuracy * 5 / 8)
    values = evaluation.to_json()
    assert values["unknown_labels"] == {"perhaps": 2, "no": 1}
    assert values["accuracy_of_known_labels"] == known.accuracy


def test_labels_are_renamed_as_in_training(runs, labelled):
    config = runs / "rnn-001" / "config.yaml"
    path = labelled([(text, label.upper()) for text, label in ROWS])
    renamed = "{ABSENT: absent, PRESENT: present}"
    head, rest = config.read_text().split("data:\n", 1)
    rest = rest[rest.index("\ntext:") :]
    config.write_text(f"{head}data: {{file: {{path: {path}, labels: {renamed}}}}}\n{rest}")
    assert not evaluate_file(None, runs, LabelledFile(path)).file.unknown


def test_file_without_a_label_that_the_network_knows_is_refused(runs, labelled):
    with pytest.raises(DataError, match="none of the labels, 'yes'; it knows 'absent', 'present'"):
        evaluate_file(None, runs, LabelledFile(labelled([("a", "yes")])))


def test_bad_rows_are_listed_with_a_remedy_that_works_here(runs, labelled):
    path = labelled([*ROWS, ("a",)])
    with pytest.raises(DataError, match=r"(?s)mend its bad rows, 1 in all:.*csv:7: ") as problem:
        evaluate_file(None, runs, LabelledFile(path))
    assert "--set" not in str(problem.value)
    assert "--bad-rows skip" in str(problem.value)


def test_bad_rows_can_be_left_out(runs, labelled):
    clean = evaluate_file(None, runs, LabelledFile(labelled(ROWS)))
    path = labelled([*ROWS, ("a",)])
    evaluation = evaluate_file(None, runs, LabelledFile(path, bad_rows="skip"))
    assert evaluation.scores.accuracy == clean.scores.accuracy
    assert evaluation.to_json()["bad_rows"] == 1
    with pytest.raises(DataError, match="no good rows"):
        evaluate_file(None, runs, LabelledFile(labelled([("a",)]), bad_rows="skip"))


@pytest.mark.parametrize("rows_at_once", [1, 2, 100])
def test_most_confident_mistakes_come_first(runs, labelled, monkeypatch, rows_at_once):
    monkeypatch.setattr(scored_file, "ROWS_AT_ONCE", rows_at_once)
    rows = [*ROWS, ("jjjj", "present"), ("ja", "perhaps"), ("a",), ("aaa", "absent")]
    file = LabelledFile(labelled(rows), bad_rows="skip")
    evaluation = evaluate_file(None, runs, file, mistakes=100)
    predictions = evaluation.model.predict([row[0] for row in rows])
    wrong = [
        (line, row[0], row[1], each.label)
        for line, (row, each) in enumerate(zip(rows, predictions, strict=True), 2)
        if len(row) == 2 and row[1] != each.label
    ]
    found = evaluation.file.mistakes
    assert {(m.line, m.text, m.label, m.predicted) for m in found} == set(wrong)
    assert [m.probability for m in found] == sorted((m.probability for m in found), reverse=True)
    fewer = evaluate_file(None, runs, file, mistakes=2).file.mistakes
    assert fewer == found[:2]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_output_has_each_row_with_its_prediction_and_the_rank_of_its_class(
    runs, labelled, tmp_path, ending
):
    rows = [*ROWS, ("a", "perhaps"), ("bad",)]
    out = tmp_path / f"out{ending}"
    file = LabelledFile(labelled(rows), bad_rows="skip")
    evaluation = evaluate_file(None, runs, file, output=out)
    found = pl.read_parquet(out) if ending == ".parquet" else pl.read_csv(out)
    predictions = evaluation.model.predict([row[0] for row in rows[:-1]])
    assert found["text"].to_list()[:5] == [row[0] or None for row in ROWS] or ending == ".parquet"
    assert found["predicted_label"].to_list() == [*(each.label for each in predictions), None]
    assert found["predicted_probability"].to_list()[:-1] == pytest.approx(
        [each.probability for each in predictions], rel=1e-5
    )
    ranks = [1 + (each.label != row[1]) for row, each in zip(ROWS, predictions, strict=False)]
    assert found["true_rank"].to_list() == [*ranks, None, None]


def test_output_is_not_there_where_the_file_is_refused(runs, labelled, tmp_path):
    with pytest.raises(DataError):
        evaluate_file(
            None, runs, LabelledFile(labelled([*ROWS, ("a",)])), output=tmp_path / "out.csv"
        )
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        (("label", None), "'label' is the column of the strings too"),
        ((0, None), "both be names or both be numbers"),
        (("name", "label"), "no column 'name'"),
    ],
)
def test_columns_that_make_no_sense_are_refused(runs, labelled, columns, problem):
    with pytest.raises(DataError, match=problem):
        evaluate_file(None, runs, LabelledFile(labelled(ROWS), *columns))


def test_delimiter_of_two_characters_is_refused(runs, labelled):
    with pytest.raises(DataError, match="delimiter: "):
        evaluate_file(None, runs, LabelledFile(labelled(ROWS), delimiter=";;"))


def test_empty_file_is_refused(runs, labelled):
    with pytest.raises(DataError, match="no rows"):
        evaluate_file(None, runs, LabelledFile(labelled([])))
