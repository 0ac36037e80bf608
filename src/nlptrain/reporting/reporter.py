"""The interface of every destination of records: a file, TensorBoard, a terminal."""

from typing import Protocol

from nlptrain.reporting.records import Record


class Reporter(Protocol):
    """A destination of records; it never affects the training."""

    def report(self, record: Record) -> None:
        """Report one record."""

    def close(self) -> None:
        """Flush the records and release resources; a second call does nothing."""
