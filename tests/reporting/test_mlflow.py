"""Runs in a store of MLflow's on this disk, read back with MLflow's own client."""

import json

import pytest

import nlptrain
from conftest import TINY
from nlptrain.errors import TrainingError

mlflow = pytest.importorskip("mlflow", reason="pip install 'nlptrain[mlflow]'")
SETTINGS = [*TINY, "logging.reporters=[mlflow]", "logging.every_steps=2"]


@pytest.fixture
def store(workplace, monkeypatch):
    """Keep MLflow's runs in a database, and return a client of it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{workplace}/mlflow.db")
    return mlflow.MlflowClient()


def find_runs(store):
    experiment = store.get_experiment_by_name("nlptrain")
    return store.search_runs([experiment.experiment_id])


def points(store, run, name):
    return [(each.step, each.value) for each in store.get_metric_history(run.info.run_id, name)]


def lines_of(outcome, kind):
    lines = map(json.loads, outcome.folder.metrics_path.read_text().splitlines())
    return [line for line in lines if line["kind"] == kind and "phase" not in line]


@pytest.mark.filterwarnings("ignore")  # of MLflow's and its database's own
def test_finished_run_has_settings_curves_scores_and_the_model(store, tmp_path):
    outcome = nlptrain.train("rnn", overrides=[*SETTINGS, "training.refit=true"])
    (run,) = find_runs(store)
    assert (run.info.run_name, run.info.status) == ("rnn-001", "FINISHED")
    assert run.data.params["model.encoder.hidden_size"] == "8"
    assert run.data.params["optimizer.type"] == "adam"
    steps = [(line["step"], line["loss"]) for line in lines_of(outcome, "step")]
    assert points(store, run, "loss/train") == steps
    evaluations = lines_of(outcome, "evaluation")
    found = points(store, run, "accuracy/validation")
    assert found == [(line["step"], line["validation_accuracy"]) for line in evaluations]
    assert points(store, run, "refit/loss/train")[0][0] == outcome.steps + 2
    assert run.data.metrics["test/accuracy"] == outcome.scores.accuracy
    copy = mlflow.artifacts.download_artifacts(
        run_id=run.info.run_id, artifact_path="model.safetensors", dst_path=str(tmp_path / "copy")
    )
    assert nlptrain.load(copy).predict(["abcd"])[0].label


@pytest.mark.filterwarnings("ignore")
def test_failed_run_is_marked_and_goes_on_in_the_same_run(store, monkeypatch):
    with monkeypatch.context() as broken:
        step = "nlptrain.training.numpy_learner.NumpyLearner.update"
        broken.setattr(step, lambda *_: (_ for _ in ()).throw(TrainingError("stopped")))
        with pytest.raises(TrainingError):
            nlptrain.train("rnn", overrides=SETTINGS)
    (run,) = find_runs(store)
    assert run.info.status == "FAILED"
    outcome = nlptrain.resume("rnn-001")
    (again,) = find_runs(store)
    assert (again.info.run_id, again.info.status) == (run.info.run_id, "FINISHED")
    assert again.data.metrics["test/loss"] == pytest.approx(outcome.scores.loss)


@pytest.mark.filterwarnings("ignore")
def test_card_of_a_run_goes_with_it(store, monkeypatch):
    from nlptrain.training.journal import Journal

    write = Journal.write_report

    def write_with_card(journal, evaluation):
        (journal.folder.path / "card.md").write_text("# A card\n")
        write(journal, evaluation)

    monkeypatch.setattr(Journal, "write_report", write_with_card)
    nlptrain.train("rnn", overrides=SETTINGS)
    (run,) = find_runs(store)
    names = {each.path for each in store.list_artifacts(run.info.run_id)}
    assert names == {"card.md", "model.safetensors"}
