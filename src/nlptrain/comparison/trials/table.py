"""Every trial as one row of a flat table, for those who want to reckon for themselves."""

import io
from pathlib import Path
from typing import Any

from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.target import seconds_to_target, steps_to_target
from nlptrain.comparison.statistics.wording import say_value
from nlptrain.files.address_space import check_room_for_polars
from nlptrain.files.storage import write_atomic

_COLUMNS: dict[str, type] = {
    "contestant": str,
    "stage": str,
    "learning_rate": float,
    "seed": int,
    "evaluations": int,
    "steps": int,
    "seconds": float,
    "best_step": int,
    "validation_loss": float,
    "validation_accuracy": float,
    "test_accuracy": float,
    "test_loss": float,
    "diverged": bool,
    "steps_to_target": int,
    "seconds_to_target": float,
}


def save_trials(results: Results, parquet: Path, csv: Path) -> None:
    """Write the table as Parquet and as CSV, each atomically.

    Raises:
        RunFolderError: A file cannot be written.
        MemoryError: There is no room to write it.
    """
    check_room_for_polars()
    import polars as pl

    rows = trial_rows(results)
    frame = pl.DataFrame(rows, schema=_columns(results), orient="row")
    binary = io.BytesIO()
    frame.write_parquet(binary)
    write_atomic(parquet, binary.getvalue())
    write_atomic(csv, frame.write_csv().encode())


def trial_rows(results: Results) -> list[dict[str, Any]]:
    """Make a row a trial; None where a number does not exist.

    The validation scores are those of the best evaluation, steps and seconds those of the last.
    Each setting that is tuned besides the learning rate has a column.
    """
    target, tuned = results.protocol.target_accuracy, _tuned_columns(results)
    return [_row(trial, target, tuned) for trial in results.trials]


def _columns(results: Results) -> dict[str, type]:
    """Return the type of each column; the tuned settings follow the learning rate."""
    places = list(_COLUMNS.items())
    return dict([*places[:3], *_tuned_columns(results).items(), *places[3:]])


def _tuned_columns(results: Results) -> dict[str, type]:
    values: dict[str, list[Any]] = {}
    for contestant in results.protocol.contestants:
        for name, tried in contestant.tune.items():
            values.setdefault(name, []).extend(tried)
    return {name: _type_of(tried) for name, tried in values.items()}


def _type_of(values: list[Any]) -> type:
    """Return what a column of values holds; lists stand there as text."""
    kinds = set(map(type, values))
    return bool if kinds == {bool} else float if kinds <= {int, float} else str


def _row(trial: TrialRecord, target: float, tuned: dict[str, type]) -> dict[str, Any]:
    best, settings = trial.best, trial.settings
    return {
        "contestant": trial.contestant,
        "stage": trial.stage,
        "learning_rate": trial.learning_rate,
        **{
            name: say_value(settings[name])
            if kind is str and name in settings
            else settings.get(name)
            for name, kind in tuned.items()
        },
        "seed": trial.seed,
        "evaluations": len(trial.steps),
        "steps": trial.steps[-1] if trial.steps else None,
        "seconds": trial.seconds[-1] if trial.seconds else None,
        "best_step": None if best is None else trial.steps[best],
        "validation_loss": None if best is None else trial.validation_losses[best],
        "validation_accuracy": None if best is None else trial.validation_accuracies[best],
        "test_accuracy": trial.test_accuracy,
        "test_loss": trial.test_loss,
        "diverged": trial.diverged,
        "steps_to_target": steps_to_target(trial, target),
        "seconds_to_target": seconds_to_target(trial, target),
    }
