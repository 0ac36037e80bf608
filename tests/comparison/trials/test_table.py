import polars as pl
import pytest

from nlptrain.comparison.trials.table import save_trials


@pytest.fixture
def save(tmp_path):
    def save(results):
        parquet, csv = tmp_path / "trials.parquet", tmp_path / "trials.csv"
        save_trials(results, parquet, csv)
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
            "diverged": False,
            "steps_to_target": 20,
            "seconds_to_target": 2.0,
        }
    )


def test_what_does_not_exist_is_null(save, make_trial, make_results):
    frame, _ = save(make_results([make_trial("sgd", 3, [], diverged=True)]))
    row = frame.row(0, named=True)
    missing = {name for name, value in row.items() if value is None}
    assert len(missing) == 9
    assert (row["evaluations"], row["diverged"]) == (0, True)


def test_csv_holds_the_same(save, realistic_results):
    frame, csv = save(realistic_results)
    assert len(frame) == len(realistic_results.trials)
    assert csv.rows() == frame.rows()
