"""Every trial as one row of a flat table, for those who want to reckon for themselves."""

import io
from pathlib import Path
from typing import Any

from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.target import seconds_to_target, steps_to_target
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
    """
    import polars as pl

    rows = trial_rows(results)
    frame = pl.DataFrame(rows, schema=_COLUMNS, orient="row")
    binary = io.BytesIO()
    frame.write_parquet(binary)
    write_atomic(parquet, binary.getvalue())
    write_atomic(csv, frame.write_csv().encode())


def trial_rows(results: Results) -> list[dict[str, Any]]:
    """Make a row a trial; None where a number does not exist.

    The validation scores are those of the best evaluation, steps and seconds those of the last.
    """
    target = results.protocol.target_accuracy
    return [_row(trial, target) for trial in results.trials]


def _row(trial: TrialRecord, target: float) -> dict[str, Any]:
    best = trial.best
    return {
        "contestant": trial.contestant,
        "stage": trial.stage,
        "learning_rate": trial.learning_rate,
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
