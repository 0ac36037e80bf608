"""Every trial as one row of a flat table, for those who want to reckon for themselves."""

from pathlib import Path
from typing import Any

from nlptrain.comparison.trials.table import save_rows
from nlptrain.search.report.wording import say_value
from nlptrain.search.results import SearchTrial
from nlptrain.search.run import Found

_RESULT: dict[str, type] = {
    "accuracy": float,
    "macro_f1": float,
    "loss": float,
    "best_step": int,
    "steps": int,
    "seconds": float,
    "parameters": int,
    "model_bytes": int,
}
_OWN: dict[str, type] = {"number": int, "state": str, "given": bool, "repeats": int}


def save_trials(found: Found, folder: Path) -> None:
    """Write the table into the search's folder; errors as of `save_rows`."""
    settings = {axis.path: _type_of(found, axis.path) for axis in found.config.search.space}
    rows = [_row(trial, settings) for trial in found.trials]
    save_rows(rows, {**_OWN, **settings, **_RESULT, "reason": str}, folder)


def _type_of(found: Found, path: str) -> type:
    """Return what the column of a setting holds; lists and mixed values stand there as text."""
    kinds = {type(trial.values[path]) for trial in found.trials if path in trial.values}
    kinds.discard(type(None))
    if kinds <= {int, float} and kinds:
        return float if float in kinds else int
    return bool if kinds == {bool} else str


def _row(trial: SearchTrial, settings: dict[str, type]) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(trial, name) for name in (*_OWN, "reason")}
    for path, kind in settings.items():
        value = trial.values.get(path)
        row[path] = say_value(value) if kind is str and value is not None else value
    for name in _RESULT:
        row[name] = None if trial.result is None else getattr(trial.result, name)
    return row
