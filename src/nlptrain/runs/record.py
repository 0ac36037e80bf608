"""The record of one training: what run.json says of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nlptrain.files.json_types import check_types, show


@dataclass(frozen=True)
class RunRecord:
    """What run.json says.

    Attributes:
        name: The folder's name.
        status: running, finished, failed or interrupted; killed is read off a lost lock.
        command: The command line that made the run.
        started: When, ISO 8601 with UTC offset.
        ended: When it finished, failed or was interrupted; None before.
        seconds: Wall-clock time of training, all its parts together.
        seed: The config's seed.
        encoder: For the table of runs: pooling, rnn_tanh, lstm, cnn, …
        optimizer: For the table of runs.
        data_fingerprint: SHA-256 of the examples and their splits.
        score: Test accuracy; None before the end.
        error: The message of a failed run.
        versions: Python, NumPy, torch, nlptrain, the platform, and what computed on it: all that
            the last digits depend on.
        examples: Strings in each split; empty in a record of 0.1.0.
        vectors_fingerprint: SHA-256 of the file of vectors that the embedding started from; None
            without one.
        config: The resolved config that the run goes by, as plain data: config.yaml may be edited
            meanwhile. None in a record of 0.1.0.
        extensions: What `resume` changed and when, oldest first.
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
    """Refuse values of the wrong kind, on which a command would trip later.

    Raises:
        ValueError: A field holds one.
    """
    check_types(record)
    for moment in (record.started, record.ended):
        try:
            # Also as the local time: the first and last years have none everywhere.
            _ = moment is None or datetime.fromisoformat(moment).astimezone()
        except (ValueError, OverflowError):
            raise ValueError(f"{show(moment)} is not a time") from None
