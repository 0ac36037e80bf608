"""Everything that training writes into the run folder, at the right moments."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from nlptrain.config.dump import dump_config
from nlptrain.files.model_file import ModelFile
from nlptrain.files.storage import remove_unfinished, write_json, writing
from nlptrain.reporting.event_file import remove_events
from nlptrain.reporting.metrics_file import MetricsFile
from nlptrain.reporting.plugins import ReportedRun, flatten_settings, open_reporters
from nlptrain.reporting.records import (
    EvaluationRecord,
    Record,
    StepRecord,
    TrainingMeans,
    is_settled,
)
from nlptrain.reporting.reporter import Reporter
from nlptrain.reporting.tensorboard import TensorBoardLog
from nlptrain.runs.folder import RunFolder, now
from nlptrain.training.assembly import Training
from nlptrain.training.checkpoint import Checkpoint, optimizer_settings
from nlptrain.training.final_evaluation import DecisionRule, FinalEvaluation
from nlptrain.training.left_out import writes_events
from nlptrain.training.nonfinite import ExaminedStep, examine_step
from nlptrain.training.refit import describe_refit

REPORT_VERSION = 2
"""Of report.json; version 1, which is not stated there, had a dense confusion matrix."""


class Journal:
    """Writes metrics, events, the best model, checkpoints, the report and the record of a run.

    Attributes:
        folder: The run.
    """

    def __init__(self, folder: RunFolder, training: Training) -> None:
        self.folder = folder
        self._training = training
        self._config = training.config
        self._began = self._saved_at = time.monotonic()
        self._seconds_before = folder.read_record().seconds
        self._open_files = ExitStack()
        self._reporters: list[Reporter] = []
        self._metrics: MetricsFile
        self._tensorboard: TensorBoardLog | None = None

    def open(self) -> None:
        """Open the files, when resuming at the checkpoint's position in them.

        Raises:
            RunFolderError: A file cannot be written, or is shorter than the checkpoint expects.
        """
        remove_unfinished(self.folder.path)
        for path in (self.folder.nonfinite_path, self.folder.nonfinite_state_path):
            # They describe a failure before this resumption.
            with writing(path):
                path.unlink(missing_ok=True)
        checkpoint = self._training.checkpoint
        self._open_reporters(checkpoint.metrics_offset if checkpoint else 0)

    def begin_refit(self, training: Training) -> None:
        """Go on with the second training in the same files."""
        offset = self._metrics.offset()
        self.close()
        self._reporters.clear()
        self._training = training
        self._open_reporters(offset)

    def _open_reporters(self, metrics_offset: int) -> None:
        logging, phase = self._config.logging, self._phase
        path = self.folder.metrics_path
        self._metrics = MetricsFile(path, logging.every_steps, metrics_offset, phase)
        self.add(self._metrics)
        if writes_events(self._config):
            self._open_tensorboard()

    @property
    def _phase(self) -> str | None:
        return None if self._training.first is None else "refit"

    @property
    def place(self) -> str:
        """The run, and which of its trainings, for messages."""
        return f"{self.folder.path}{'' if self._phase is None else f': {self._phase}'}"

    def add(self, reporter: Reporter) -> None:
        """Add a reporter for every record; it is closed with the journal."""
        self._reporters.append(reporter)
        self._open_files.callback(reporter.close)

    def add_plugins(self, tell: Callable[[str], None]) -> None:
        """Add the reporters that the config names; one that fails is left out, and told of."""
        first = self._training.first
        run = ReportedRun(
            self.folder,
            flatten_settings(self._config.model_dump(exclude={"search", "comparison"})),
            self._config.logging.every_steps,
            phase=self._phase or "",
            steps_before=first.step if first else 0,
        )
        for reporter in open_reporters(self._config.logging.reporters, run, tell):
            self.add(reporter)

    def close(self) -> None:
        """Finish and close every file."""
        self._open_files.close()

    def handle(self, record: Record) -> None:
        """Report a record, save the best model, and save a checkpoint if one is due."""
        for reporter in self._reporters:
            reporter.report(record)
        if isinstance(record, EvaluationRecord | TrainingMeans):
            if isinstance(record, EvaluationRecord) and record.is_best:
                self._training.model_file().save(self.folder.model_path)
            if self._tensorboard and self._config.logging.histograms:
                self._tensorboard.log_parameters(record.step, self._training.learner.arrays())
        if self._checkpoint_is_due(record):
            self.save_checkpoint()

    def save_checkpoint(self, path: Path | None = None) -> None:
        """Save all that the next step depends on, to the run's checkpoint or another file."""
        offset = self._metrics.offset()
        if self._tensorboard:
            self._tensorboard.sync()
        checkpoint = Checkpoint(
            state=self._training.learner.state(),
            progress=self._training.progress,
            metrics_offset=offset,
            architecture=self._training.preparation.architecture,
            optimizer=optimizer_settings(self._config.optimizer),
            first=self._training.first,
            members=self._config.training.members,
        )
        checkpoint.save(path or self.folder.checkpoint_path)
        self._saved_at = time.monotonic()

    def write_nonfinite(self) -> ExaminedStep:
        """Write the step that is not finite, and the state before it, which the learner has."""
        examined = examine_step(self._training)
        phase = {} if self._phase is None else {"phase": self._phase}
        write_json(self.folder.nonfinite_path, phase | examined.to_json(self.folder))
        self.save_checkpoint(self.folder.nonfinite_state_path)
        return examined

    def write_report(self, evaluation: FinalEvaluation) -> None:
        """Write the test scores, and how the data was cleaned."""
        scores, refit = evaluation.scores, describe_refit(self._training)
        progress = self._training.first or self._training.progress
        preparation = self._training.preparation
        dataset = preparation.dataset
        write_json(
            self.folder.report_path,
            {
                "format_version": REPORT_VERSION,
                "split": "test",
                **evaluation.to_json(dataset.labels),
                "best_step": progress.best_step,
                "steps": progress.step,
                "skipped_steps": progress.skipped,
                **(refit.to_json() if refit else {}),
                "data": dict(dataset.counts),
                "notes": list(preparation.notes),
            },
        )
        if self._tensorboard:
            self._tensorboard.log_hparams(
                flatten_settings(self._config.model_dump(exclude={"search"})),
                {"test/accuracy": scores.accuracy, "test/macro_f1": scores.macro_f1},
            )

    def write_record(
        self, status: str, *, score: float | None = None, error: str | None = None
    ) -> None:
        """Write how the run ended, and when."""
        seconds = self._seconds_before + time.monotonic() - self._began
        record = self.folder.read_record()
        self.folder.write_record(
            replace(
                record,
                status=status,
                ended=now(),
                seconds=round(seconds, 3),
                score=score,
                error=error,
            )
        )

    def _open_tensorboard(self) -> None:
        training = self._training
        steps_before = training.first.step if training.first else 0
        is_new = training.checkpoint is None and training.first is None
        if is_new:
            remove_events(self.folder.path)
        log = TensorBoardLog(
            self.folder.path,
            self._config.logging.every_steps,
            self._config.logging.histograms,
            self._training.preparation.dataset.labels,
            purge_step=0 if is_new else steps_before + training.progress.step + 1,
            steps_before=steps_before,
            phase=self._phase,
        )
        self._tensorboard = log
        self.add(log)
        if is_new:
            log.log_config(dump_config(self._config))

    def save_decision_rule(self, model: ModelFile, rule: DecisionRule) -> ModelFile:
        """Save what was fitted on validation with the best model, and return it."""
        changed = (rule.threshold, rule.temperature) != (model.threshold, model.temperature)
        if changed or model.head_weights:
            model = replace(model, threshold=rule.threshold, temperature=rule.temperature)
            model.save(self.folder.model_path)
        return model

    def _checkpoint_is_due(self, record: Record) -> bool:
        if not is_settled(record):
            return False
        if isinstance(record, StepRecord) and self._training.plan.evaluates_after(record.step):
            # The evaluation comes first, or a run resumed from here would report it twice.
            return False
        training = self._config.training
        steps, seconds = training.checkpoint_every_steps, training.checkpoint_every_seconds
        if steps is not None and record.step % steps == 0:
            return True
        return seconds is not None and time.monotonic() - self._saved_at >= seconds
