import numpy as np
import pytest

from nlptrain.errors import DataError, RunFolderError
from nlptrain.files.storage import read_json
from nlptrain.inference.evaluation import LabelledFile, evaluate_file, evaluate_split

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


def test_label_that_the_network_does_not_know_is_named(runs, labelled):
    path = labelled([*ROWS, ("a", "perhaps")])
    with pytest.raises(DataError, match="label 'perhaps'; it knows 'absent', 'present'"):
        evaluate_file(None, runs, LabelledFile(path))


def test_bad_rows_are_listed_with_a_remedy_that_works_here(runs, labelled):
    path = labelled([*ROWS, ("a",)])
    with pytest.raises(DataError, match=r"(?s)mend its bad rows, 1 in all:.*csv:7: ") as problem:
        evaluate_file(None, runs, LabelledFile(path))
    assert "--set" not in str(problem.value)


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
