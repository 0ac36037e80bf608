"""Which setting matters, where the answer is known."""

import pytest

from nlptrain.search.report.importance import measure_importances
from nlptrain.search.study import import_optuna

SPACE = (
    "model.dropout=0..0.9",
    "optimizer.learning_rate=1e-4..1e-1:log",
    "model.encoder.type=rnn,cnn",
    "model.encoder.channels=1..64",
)


@pytest.fixture
def study():
    """Make trials whose score is decided by the dropout alone, and with cnn by the channels."""
    optuna = import_optuna()
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial):
        dropout = trial.suggest_float("model.dropout", 0, 0.9)
        trial.suggest_float("optimizer.learning_rate", 1e-4, 1e-1, log=True)
        if trial.suggest_categorical("model.encoder.type", ["rnn", "cnn"]) == "rnn":
            return -dropout
        return trial.suggest_int("model.encoder.channels", 1, 64) / 6400 - dropout

    study.optimize(objective, n_trials=80)
    return study


def test_what_decides_the_score_is_the_most_important(load, study):
    found = measure_importances(load(space=SPACE), study)
    assert found[0].path == "model.dropout"
    assert {each.path for each in found} == {path.split("=")[0] for path in SPACE}


def test_setting_of_a_type_is_measured_on_the_trials_of_that_type(load, study):
    by_path = {each.path: each for each in measure_importances(load(space=SPACE), study)}
    with_cnn = sum(trial.params["model.encoder.type"] == "cnn" for trial in study.trials)
    assert by_path["model.encoder.channels"].trials == with_cnn < 80
    assert by_path["model.dropout"].trials == 80


def test_of_a_few_trials_nothing_is_said(load):
    optuna = import_optuna()
    study = optuna.create_study(direction="maximize")
    study.optimize(lambda trial: trial.suggest_float("model.dropout", 0, 0.9), n_trials=3)
    assert measure_importances(load(space=SPACE), study) == []
