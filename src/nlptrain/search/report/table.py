"""Every trial as one row of a flat table, for those who want to reckon for themselves."""

import io
from pathlib import Path
from typing import Any

from nlptrain.files.address_space import check_room_for_polars
from nlptrain.files.storage import write_atomic
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


def save_trials(found: Found, parquet: Path, csv: Path) -> None:
    """Write the table as Parquet and as CSV, each atomically.

    Raises:
        RunFolderError: A file cannot be written.
        MemoryError: There is no room to write it.
    """
    check_room_for_polars()
    import polars as pl

    settings = {axis.path: _type_of(found, axis.path) for axis in found.config.search.space}
    schema = {**_OWN, **settings, **_RESULT, "reason": str}
    rows = [_row(trial, settings) for trial in found.trials]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    binary = io.BytesIO()
    frame.write_parquet(binary)
    write_atomic(parquet, binary.getvalue())
    write_atomic(csv, frame.write_csv().encode())


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
