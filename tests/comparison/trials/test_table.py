import polars as pl
import pytest

from nlptrain.comparison.results import Contestant
from nlptrain.comparison.trials.table import save_trials


@pytest.fixture
def save(tmp_path):
    def save(results):
        save_trials(results, tmp_path)
        parquet, csv = tmp_path / "trials.parquet", tmp_path / "trials.csv"
        return pl.read_parquet(parquet), pl.read_csv(csv, infer_schema_length=None)

    return save


def test_row_holds_what_a_trial_came_to(save, make_trial, make_results):
    frame, _ = save(make_results([make_trial("sgd", 3, [0.5, 0.95, 0.75])]))
    assert frame.row(0, named=True) == pytest.approx(
        {
            "contestant": "sgd",
            "stage": "final",
            "learning_rate": 0.1,
            "seed": 3,
            "evaluations": 3,
            "steps": 30,
            "seconds": 3.0,
            "best_step": 20,
            "validation_loss": 0.05,
            "validation_accuracy": 0.95,
            "test_accuracy": 0.95,
            "test_loss": 0.05,
            "test_macro_f1": None,
            "diverged": False,
            "steps_to_target": 20,
            "seconds_to_target": 2.0,
        }
    )


def test_each_tuned_setting_is_a_column(save, make_trial, make_results):
    settings = [
        {"eps": 0.5, "betas": [0.9, 0.99], "amsgrad": True},
        {"eps": 1e-8, "betas": [0.9, 0.999], "amsgrad": False},
    ]
    tune = {name: [each[name] for each in settings] for name in settings[0]}
    contestants = (Contestant("adam", {}, (0.1,), tune), Contestant("sgd", {}, (0.1,)))
    trials = [make_trial("adam", seed, [0.5], settings=own) for seed, own in enumerate(settings)]
    results = make_results([*trials, make_trial("sgd", 0, [0.5])], contestants=contestants)
    frame, csv = save(results)
    for table in (frame, csv):
        assert table.columns[2:6] == ["learning_rate", "eps", "betas", "amsgrad"]
        assert table["eps"].to_list() == [0.5, 1e-8, None]
        assert table["betas"].to_list() == ["[0.9, 0.99]", "[0.9, 0.999]", None]
        assert table["amsgrad"].to_list() == [True, False, None]


def test_what_does_not_exist_is_null(save, make_trial, make_results):
    frame, _ = save(make_results([make_trial("sgd", 3, [], diverged=True)]))
    row = frame.row(0, named=True)
    missing = {name for name, value in row.items() if value is None}
    assert len(missing) == 10
    assert (row["evaluations"], row["diverged"]) == (0, True)


def test_csv_holds_the_same(save, realistic_results):
    frame, csv = save(realistic_results)
    assert len(frame) == len(realistic_results.trials)
    assert csv.rows() == frame.rows()
