"""Every trial as one row of a flat table, for those who want to reckon for themselves."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.target import seconds_to_target, steps_to_target
from nlptrain.comparison.statistics.wording import say_value
from nlptrain.files.address_space import check_room_for_polars
from nlptrain.files.storage import write_atomic

_Read = Callable[[TrialRecord, float], Any]

_COLUMNS: dict[str, tuple[type, _Read]] = {
    "contestant": (str, lambda trial, _: trial.contestant),
    "stage": (str, lambda trial, _: trial.stage),
    "learning_rate": (float, lambda trial, _: trial.learning_rate),
    "seed": (int, lambda trial, _: trial.seed),
    "evaluations": (int, lambda trial, _: len(trial.steps)),
    "steps": (int, lambda trial, _: _at(trial.steps, -1)),
    "seconds": (float, lambda trial, _: _at(trial.seconds, -1)),
    "best_step": (int, lambda trial, _: _at(trial.steps, trial.best)),
    "validation_loss": (float, lambda trial, _: _at(trial.validation_losses, trial.best)),
    "validation_accuracy": (float, lambda trial, _: _at(trial.validation_accuracies, trial.best)),
    "test_accuracy": (float, lambda trial, _: trial.test_accuracy),
    "test_loss": (float, lambda trial, _: trial.test_loss),
    "test_macro_f1": (float, lambda trial, _: trial.test_macro_f1),
    "diverged": (bool, lambda trial, _: trial.diverged),
    "steps_to_target": (int, steps_to_target),
    "seconds_to_target": (float, seconds_to_target),
}
"""By name: the type, and what a trial and the target accuracy give there."""


def save_trials(results: Results, folder: Path) -> None:
    """Write the table into the comparison's folder; errors as below."""
    save_rows(trial_rows(results), _columns(results), folder)


def save_rows(rows: list[dict[str, Any]], columns: dict[str, type], folder: Path) -> None:
    """Write a table of trials as Parquet and as CSV, each atomically.

    Args:
        rows: A trial each.
        columns: Their names and types, in order.
        folder: Exists already.

    Raises:
        RunFolderError: A file cannot be written.
        MemoryError: There is no room to write it.
    """
    check_room_for_polars()
    import polars as pl

    frame = pl.DataFrame(rows, schema=columns, orient="row")
    binary = io.BytesIO()
    frame.write_parquet(binary)
    write_atomic(folder / "trials.parquet", binary.getvalue())
    write_atomic(folder / "trials.csv", frame.write_csv().encode())


def trial_rows(results: Results) -> list[dict[str, Any]]:
    """Make a row a trial; None where a number does not exist.

    The validation scores are those of the best evaluation, steps and seconds those of the last.
    Each setting that is tuned besides the learning rate has a column.
    """
    target, tuned = results.protocol.target_accuracy, _tuned_columns(results)
    return [_row(trial, target, tuned) for trial in results.trials]


def _columns(results: Results) -> dict[str, type]:
    """Return the type of each column; the tuned settings follow the learning rate."""
    places = [(name, kind) for name, (kind, _) in _COLUMNS.items()]
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
    settings = {
        name: say_value(value) if tuned[name] is str else value
        for name, value in trial.settings.items()
        if name in tuned
    }
    return settings | {name: read(trial, target) for name, (_, read) in _COLUMNS.items()}


def _at(values: Sequence[Any], place: int | None) -> Any:
    return values[place] if values and place is not None else None
