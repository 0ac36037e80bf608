"""A run in TensorBoard: curves, the config, its settings, confusion matrices."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from nlptrain.reporting import summaries
from nlptrain.reporting.curves import curves_of, is_drawn
from nlptrain.reporting.event_file import EventFile
from nlptrain.reporting.figures.confusion import ConfusionImage
from nlptrain.reporting.records import EvaluationRecord, Record

if TYPE_CHECKING:
    from tensorboard.compat.proto.summary_pb2 import Summary


class TensorBoardLog:
    """Writes an event at regular steps, except skipped ones, and for each evaluation.

    The curves are those of `curves_of`. Every method raises RunFolderError if the file cannot be
    written.
    """

    def __init__(
        self,
        folder: Path,
        every_steps: int,
        histograms: bool,
        labels: Sequence[str],
        purge_step: int = 0,
        steps_before: int = 0,
        phase: str | None = None,
    ) -> None:
        """Create an event file.

        Args:
            folder: TensorBoard's log directory; created if missing.
            every_steps: Steps between two points of a curve.
            histograms: Whether `log_parameters` writes anything.
            labels: By class index, for the confusion matrix.
            purge_step: The first step of this training; events logged earlier for it and later
                steps are dropped.
            steps_before: Of earlier phases of the run, whose curves this one's continue to the
                right.
            phase: Begins the names of all curves of training, such as `refit/loss/train`.
        """
        self._steps_before = steps_before
        self._prefix = "" if phase is None else f"{phase}/"
        self._every_steps = every_steps
        self._histograms = histograms
        self._step = max(purge_step - 1, 0)
        self._confusion_image = ConfusionImage(labels)
        self._file = EventFile(folder, purge_step)

    def report(self, record: Record) -> None:
        """Write the record's event; that of an evaluation is flushed."""
        self._step = self._steps_before + record.step
        if isinstance(record, EvaluationRecord):
            self._file.write(self._step, self._evaluation_values(record))
            self._file.flush()
        elif is_drawn(record, self._every_steps):
            self._file.write(self._step, self._scalars(curves_of(record)))

    def log_config(self, yaml: str) -> None:
        """Write the run's config as text."""
        indented = "".join(f"    {line}\n" for line in yaml.splitlines())
        self._file.write(0, [summaries.text("config", indented)])

    def log_parameters(self, step: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write a histogram of each parameter, if the config asks for histograms."""
        if self._histograms:
            values = [
                summaries.histogram(f"{self._prefix}parameters/{name}", array)
                for name, array in arrays.items()
                if array.dtype.kind == "f"  # The keys of n-grams are no parameters.
            ]
            self._file.write(
                self._steps_before + step, [value for value in values if value is not None]
            )

    def log_hparams(self, settings: summaries.Settings, scores: Mapping[str, float]) -> None:
        """Write the settings and the final scores of the finished run.

        They get the step after the last, so that a run that is killed here and resumed drops them
        and writes them again. A score has the name of its curve, such as `test/accuracy`.
        """
        points = [summaries.scalar(name, score) for name, score in scores.items()]
        self._file.write(self._step + 1, summaries.hparams(settings) + points)
        self._file.sync()

    def sync(self) -> None:
        """Write the points so far to disk; a resumed run does not write them again."""
        self._file.sync()

    def close(self) -> None:
        """Flush and close the file."""
        self._file.close()

    def _evaluation_values(self, record: EvaluationRecord) -> "list[Summary.Value]":
        values = self._scalars(curves_of(record))
        if record.is_best:
            png, width, height = self._confusion_image.draw(record.confusion)
            values.append(summaries.image("confusion_matrix/validation", png, width, height))
        return values

    def _scalars(self, curves: Mapping[str, float]) -> "list[Summary.Value]":
        return [summaries.scalar(self._prefix + tag, value) for tag, value in curves.items()]
