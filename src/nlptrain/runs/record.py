"""The record of a training run, run.json."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nlptrain.files.json_types import check_types, shorten_value


@dataclass(frozen=True)
class RunRecord:
    """The content of run.json.

    Attributes:
        name: The folder's name.
        status: running, finished, failed or interrupted; a killed run is recognized by its lock.
        command: The command line that created the run.
        started: Start time, ISO 8601 with UTC offset.
        ended: Time at which it finished, failed or was interrupted; None before.
        seconds: Wall-clock time of training, summed over resumptions.
        seed: The config's seed.
        encoder: For the table of runs: pooling, rnn_tanh, lstm, cnn, …
        optimizer: For the table of runs.
        data_fingerprint: SHA-256 of the examples and their splits.
        score: Test accuracy; None before the end.
        error: The message of a failed run.
        versions: Python, NumPy, torch, nlptrain, platform and processor, on which the last digits
            depend.
        examples: Strings in each split; empty in a record of 0.1.0.
        vectors_fingerprint: SHA-256 of the file of initial embedding vectors, if any.
        config: The resolved config of the run, as plain data, because config.yaml may be edited.
            None in a record of 0.1.0.
        extensions: The changes made by `resume` and their times, oldest first.
    """

    name: str
    status: str
    command: str
    started: str
    seed: int
    encoder: str
    optimizer: str
    data_fingerprint: str
    ended: str | None = None
    seconds: float = 0.0
    score: float | None = None
    error: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    examples: dict[str, int] = field(default_factory=dict)
    vectors_fingerprint: str | None = None
    config: dict[str, Any] | None = None
    extensions: list[dict[str, Any]] = field(default_factory=list)


def check_record(record: RunRecord) -> None:
    """Refuse values of the wrong type, which would make a command fail later.

    Raises:
        ValueError: A field has such a value.
    """
    check_types(record)
    for moment in (record.started, record.ended):
        try:
            # Converted to local time too, which fails in the first and last years.
            _ = moment is None or datetime.fromisoformat(moment).astimezone()
        except (ValueError, OverflowError):
            raise ValueError(f"{shorten_value(moment)} is not a time") from None
