"""What 0.1.0 wrote still predicts, evaluates, resumes and trains longer.

Another processor or another torch may give other last digits: hence the tolerances.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nlptrain.files.array_file import load_arrays
from nlptrain.files.storage import read_json

RELEASE = Path(__file__).parents[1] / "fixtures" / "release_0_1"
MADE_IN = "/tmp/release_0_1"
RUNS = ("task", "file")
FINISHED_STEPS = {"task": 16, "file": 20}


@pytest.fixture
def old(workplace):
    """Work in a copy of the first release's folder, whose configs name this place."""
    shutil.copytree(RELEASE, workplace, dirs_exist_ok=True)
    for path in workplace.glob("runs/*/config.yaml"):
        path.write_text(path.read_text().replace(MADE_IN, str(workplace)))
    return workplace / "runs"


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def assert_same_arrays(path, expected_path):
    arrays, metadata = load_arrays(path)
    expected, expected_metadata = load_arrays(expected_path)
    assert arrays.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(arrays[name], array, rtol=1e-3, atol=1e-4, err_msg=name)
    for key in ("architecture", "format", "format_version"):
        assert metadata[key] == expected_metadata[key]


@pytest.mark.parametrize("run", RUNS)
def test_old_model_gives_its_probabilities(cli, old, run):
    expected = read_lines(old.parent / f"predicted-{run}-001.jsonl")
    texts = "".join(f"{each['text']}\n" for each in expected)
    code, out, _ = cli("predict", "-", "--json", "--run", f"{run}-001", stdin=texts.encode())
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len(found) == len(expected) == 6
    for one, other in zip(found, expected, strict=True):
        assert (one["text"], one["label"]) == (other["text"], other["label"])
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=2e-6)


@pytest.mark.parametrize("run", RUNS)
def test_old_run_has_its_scores(cli, old, run):
    expected = read_json(old / f"{run}-001" / "report.json")
    code, out, _ = cli("evaluate", f"{run}-001", "--json")
    found = json.loads(out)
    assert code == 0
    labels = [each["label"] for each in expected["classes"]]
    # A report of 0.1.0 has the matrix with its zeros.
    matrix = np.zeros((len(labels), len(labels)), int)
    for pair in found["confusion"]:
        matrix[labels.index(pair["true"]), labels.index(pair["predicted"])] = pair["strings"]
    assert matrix.tolist() == expected["confusion_matrix"]
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-5)


def test_old_runs_are_listed_and_shown(cli, old):
    rows = [line.split()[:5] for line in cli("runs").out.splitlines()[2:]]
    assert [rows[0], rows[2]] == [
        ["file-001", "finished", "cnn", "sgd", "0.6667"],
        ["task-001", "finished", "lstm", "adam", "0.6500"],
    ]
    assert [row[1] for row in rows] == ["finished", "interrupted"] * 2 + ["interrupted"]
    assert "versions" in cli("runs", "show", "file-001").out


@pytest.mark.parametrize("run", RUNS)
def test_old_interrupted_run_ends_as_its_finished_twin(cli, old, run):
    code, _, err = cli("resume", f"{run}-002", "--quiet")
    assert (code, err.splitlines()[0]) == (0, f"runs/{run}-002: resuming after step 7")
    resumed, whole = (old / f"{run}-{number}" for number in ("002", "001"))
    for name in ("model.safetensors", "checkpoint.safetensors"):
        assert_same_arrays(resumed / name, whole / name)
    found, expected = (read_lines(each / "metrics.jsonl") for each in (resumed, whole))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.pop("kind") == other.pop("kind")
        assert one == pytest.approx(other, rel=1e-3, abs=1e-5)
    assert read_json(resumed / "report.json")["steps"] == FINISHED_STEPS[run]


@pytest.mark.parametrize("run", RUNS)
def test_old_finished_run_is_trained_longer(cli, old, run):
    code, _, err = cli("resume", f"{run}-001", "--set", "training.epochs=5", "--quiet")
    assert (code, err.splitlines()[1]) == (0, "training.epochs: 4 → 5")
    record = read_json(old / f"{run}-001" / "run.json")
    assert record["status"] == "finished"
    assert record["extensions"][0]["changes"] == {"training.epochs": {"from": 4, "to": 5}}
    steps = read_json(old / f"{run}-001" / "report.json")["steps"]
    assert steps == FINISHED_STEPS[run] * 5 // 4


def test_old_run_that_went_on_is_guarded_from_then_on(cli, old):
    assert cli("resume", "task-002", "--quiet").code == 0
    path = old / "task-002" / "config.yaml"
    path.write_text(path.read_text().replace("learning_rate: 0.03", "learning_rate: 0.3"))
    code, _, err = cli("resume", "task-002")
    assert code == 1
    assert "optimizer.learning_rate: 0.03 in the run, 0.3 wanted" in err


@pytest.mark.parametrize(
    ("setting", "other", "reason"),
    [
        ("hidden_size: 4", "hidden_size: 5", "network.encoder.hidden_size: 4 in the run, 5 wanted"),
        ("dropout: 0.2", "dropout: 0.1", "network.dropout: 0.2 in the run, 0.1 wanted"),
        ("seed: 3", "seed: 4", "data.task: different examples, SHA-256 54427c7ecd14… in the run"),
    ],
)
def test_old_run_whose_config_was_edited_is_refused(cli, old, setting, other, reason):
    path = old / "task-002" / "config.yaml"
    assert path.read_text().count(setting) == 1
    path.write_text(path.read_text().replace(setting, other))
    code, _, err = cli("resume", "task-002")
    assert code == 1
    assert err.splitlines()[1].strip().startswith(reason)


def test_old_run_whose_draws_hung_on_the_processor_predicts_and_is_otherwise_refused(cli, old):
    assert cli("predict", "ab", "--run", "short-001").code == 0
    code, _, err = cli("resume", "short-001")
    assert code == 1
    assert "data.task: different examples, SHA-256 7190446cf9c0… in the run, " in err
    code, _, err = cli("evaluate", "short-001")
    assert code == 1
    assert "its data has changed since" in err


def test_old_run_whose_data_moved_goes_on_from_its_new_place(cli, old):
    path = old / "file-002" / "config.yaml"
    path.write_text(path.read_text().replace(str(old.parent), "/nowhere"))
    code, _, err = cli("resume", "file-002")
    assert (code, err.count("\n")) == (1, 1)
    assert "nlptrain resume runs/file-002 --set data.file.path=FILE" in err
    assert cli("resume", "file-002", "--set", "data.file.path=strings.csv").code == 0
    assert f"path: {old.parent}/strings.csv" in path.read_text()


def test_old_run_whose_data_changed_is_refused(cli, old):
    path = old.parent / "strings.csv"
    path.write_text(path.read_text() + "eee,head\n")
    code, _, err = cli("resume", "file-002")
    assert code == 1
    assert "different examples, SHA-256 f9d656cf3513… in the run, " in err


def test_old_comparison_trains_nothing_anew(cli, old, monkeypatch):
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
    folder = old / "compare-optimizers-001"
    trials = (folder / "trials.jsonl").read_bytes()
    options = ("--output", folder, "--jobs", "1", "--quiet")
    assert cli("compare-optimizers", "optimizers.yaml", *options).code == 0
    assert (folder / "trials.jsonl").read_bytes() == trials
    finals = [each["test_accuracy"] for each in read_lines(folder / "trials.jsonl")[-4:]]
    ranking = read_json(folder / "comparison.json")["ranking"]
    assert [each["contestant"] for each in ranking] == ["sgd", "adam"]
    assert finals == [0.7, 0.7, 0.65, 0.65]


def test_old_comparison_is_reported_again_from_its_folder(cli, old, monkeypatch):
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
    folder = old / "compare-optimizers-001"
    code, out, err = cli("compare", "report", folder, "--csv")
    assert (code, err) == (0, "")
    assert [line.split(",")[:3] for line in out.splitlines()[1:]] == [
        ["1", "sgd", "0.1"],
        ["1", "adam", "0.01"],
    ]
