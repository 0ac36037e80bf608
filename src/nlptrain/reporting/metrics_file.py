"""The scores of a run as JSON lines; interruptions do not change its bytes."""

import json
import math
import os
from pathlib import Path
from typing import BinaryIO

from nlptrain.errors import RunFolderError
from nlptrain.files.storage import writing
from nlptrain.reporting.records import EvaluationRecord, Record, StepRecord, TrainingMeans


class MetricsFile:
    """Writes a line at regular steps, for each skipped step and for each evaluation.

    No line contains a time, so that equal runs give equal bytes. NaN, infinity and numbers that
    were not measured are null. Every method raises RunFolderError if the file cannot be written.
    """

    def __init__(
        self, path: Path, every_steps: int, offset: int = 0, phase: str | None = None
    ) -> None:
        """Open the file and truncate it to the offset.

        Args:
            path: The file; its folder must exist.
            every_steps: Steps between two lines.
            offset: The `offset()` at the checkpoint from which training resumes; 0 to start.
            phase: Stands in every line; steps and epochs count within it. None: in no line.
        """
        self._phase = {} if phase is None else {"phase": phase}
        self._path = path
        self._every_steps = every_steps
        with writing(path):
            check_length(path, offset)
            self._file: BinaryIO = path.open("r+b" if offset else "wb")
            if offset:
                self._file.truncate(offset)
                self._file.seek(offset)

    def report(self, record: Record) -> None:
        """Write the record's line; that of an evaluation is flushed."""
        if isinstance(record, EvaluationRecord):
            self._write(_evaluation_line(record))
            with writing(self._path):
                self._file.flush()
        elif isinstance(record, TrainingMeans):
            self._write(_means_line(record))
        elif record.skipped or record.step % self._every_steps == 0:
            self._write(_step_line(record))

    def offset(self) -> int:
        """Write the lines so far to disk and return their size in bytes."""
        with writing(self._path):
            self._file.flush()
            # The checkpoint relies on these bytes, so they must survive a power failure.
            os.fsync(self._file.fileno())
            return self._file.tell()

    def close(self) -> None:
        """Flush and close the file."""
        with writing(self._path):
            self._file.close()

    def _write(self, line: dict[str, object]) -> None:
        with writing(self._path):
            self._file.write(json.dumps(self._phase | line, allow_nan=False).encode() + b"\n")


def check_length(path: Path, offset: int) -> None:
    """Refuse a file that is shorter than its `MetricsFile.offset` at the checkpoint."""
    if offset > 0 and not path.is_file():
        raise RunFolderError(
            f"{path}: missing, but the checkpoint requires its first {offset} bytes; "
            "restore the file, or train again"
        )
    if offset > 0 and (size := path.stat().st_size) < offset:
        raise RunFolderError(
            f"{path}: {size} bytes, but the checkpoint requires {offset}; "
            "restore the file, or train again"
        )


def _step_line(record: StepRecord) -> dict[str, object]:
    line: dict[str, object] = {
        "kind": "step",
        "step": record.step,
        "epoch": record.epoch,
        "loss": _finite(record.loss),
        "accuracy": record.correct / record.examples,
        "learning_rate": _finite(record.learning_rate),
        "grad_norm": None if record.grad_norm is None else _finite(record.grad_norm),
    }
    return line | {"skipped": True} if record.skipped else line


def _means_line(record: TrainingMeans) -> dict[str, object]:
    return {
        "kind": "training",
        "step": record.step,
        "epoch": record.epoch,
        "train_loss": _finite(record.train_loss),
        "train_accuracy": _finite(record.train_accuracy),
    }


def _evaluation_line(record: EvaluationRecord) -> dict[str, object]:
    return {
        "kind": "evaluation",
        "step": record.step,
        "epoch": record.epoch,
        "train_loss": _finite(record.train_loss),
        "train_accuracy": _finite(record.train_accuracy),
        "validation_loss": _finite(record.loss),
        "validation_accuracy": _finite(record.accuracy),
        "validation_macro_f1": _finite(record.macro_f1),
        "is_best": bool(record.is_best),
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
