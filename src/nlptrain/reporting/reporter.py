"""What every place that records go to can do: a file, TensorBoard, a terminal."""

from typing import Protocol

from nlptrain.reporting.records import Record


class Reporter(Protocol):
    """A sink of records. It only listens: no reporter changes the training."""

    def report(self, record: Record) -> None:
        """Take one record."""

    def close(self) -> None:
        """Finish what was taken and free what was opened; a second call does nothing."""
