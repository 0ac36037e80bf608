"""The folder of a run: its files, its record and its lock."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from nlptrain.errors import RunFolderError
from nlptrain.files.storage import check_format, read_json, sync_folder, write_json, write_text
from nlptrain.runs.lock import LOCK_TIMEOUT_SECONDS, hold_or_refuse, is_held
from nlptrain.runs.numbering import make_numbered_folder
from nlptrain.runs.record import RunRecord, check_record

DEFAULT_RUNS_DIR = Path("runs")
RECORD_FORMAT_VERSION = 1


class _File:
    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, folder: "RunFolder", owner: "type[RunFolder]") -> Path:
        return folder.path / self._name


@dataclass(frozen=True)
class RunFolder:
    """A run on disk."""

    path: Path

    config_path = _File("config.yaml")  # the resolved config
    record_path = _File("run.json")
    model_path = _File("model.safetensors")  # the best network so far, or the refitted
    checkpoint_path = _File("checkpoint.safetensors")  # the latest state, to resume from
    metrics_path = _File("metrics.jsonl")  # steps and evaluations
    report_path = _File("report.json")  # the test scores
    card_path = _File("card.md")  # the model's card
    lengths_figure_path = _File("accuracy_by_length.png")
    reliability_figure_path = _File("reliability.png")
    nonfinite_path = _File("nonfinite.json")  # a step whose loss or gradient is not finite
    nonfinite_state_path = _File("nonfinite.safetensors")  # the checkpoint before that step
    lock_path = _File(".lock")  # of the process that trains the run; empty

    def read_record(self) -> RunRecord:
        """Read run.json.

        Raises:
            RunFolderError: It is missing, damaged, or of a newer format.
        """
        values = read_json(self.record_path)
        # Records of 0.1.0 have no format; theirs is the first one.
        version = values.get("format_version", RECORD_FORMAT_VERSION)
        check_format(self.record_path, "run record", version, RECORD_FORMAT_VERSION)
        known = {entry.name for entry in fields(RunRecord)}
        try:
            record = RunRecord(**{key: value for key, value in values.items() if key in known})
            check_record(record)
        except (TypeError, ValueError) as error:
            raise RunFolderError(
                f"{self.record_path}: damaged: {error!s:.200}; restore it, or delete the run"
            ) from error
        return record

    def write_config(self, config: str) -> None:
        """Write the resolved config, YAML."""
        write_text(self.config_path, config)

    def remove_results(self) -> None:
        """Remove the report, the card and the figures of a finished run.

        Raises:
            RunFolderError: A file cannot be removed.
        """
        figures = (self.lengths_figure_path, self.reliability_figure_path)
        for path in (self.report_path, self.card_path, *figures):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise RunFolderError(f"{path}: cannot delete: {error.strerror}") from error

    def write_record(self, record: RunRecord) -> None:
        """Write run.json."""
        write_json(self.record_path, {"format_version": RECORD_FORMAT_VERSION, **asdict(record)})

    def status(self, record: RunRecord | None = None) -> str:
        """Return the status; a run recorded as running whose lock is free was killed."""
        status = (record or self.read_record()).status
        if status == "running" and not is_held(self.lock_path):
            # It may have ended in between.
            status = self.read_record().status
            return "killed" if status == "running" else status
        return status

    def lock(self, timeout: float = LOCK_TIMEOUT_SECONDS) -> AbstractContextManager[None]:
        """Lock the run for this process, waiting up to `timeout` seconds.

        The system releases the lock if the process dies.

        Raises:
            RunFolderError: Another process holds it, or the folder cannot be written.
        """
        problem = f"{self.path}: another process is training this run; wait until it has finished"
        return hold_or_refuse(self.lock_path, problem, timeout)


def now() -> str:
    """Return the current time, ISO 8601 with UTC offset."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@contextmanager
def create_run_folder(
    runs_dir: Path, name: str, config: str, record: RunRecord
) -> Iterator[RunFolder]:
    """Create the next free folder NAME-001, NAME-002, … with its config and record.

    Its lock is taken before the record is written, so that the run never looks killed.

    Args:
        runs_dir: The folder of all runs; created if missing.
        name: The config's name.
        config: The resolved config, YAML.
        record: The first record; its name becomes the folder's.

    Raises:
        RunFolderError: The folder cannot be written; nothing is left behind.
    """
    folder = RunFolder(make_numbered_folder(runs_dir, name))
    with ExitStack() as held:
        try:
            held.enter_context(folder.lock())
            folder.write_config(config)
            folder.write_record(replace(record, name=folder.path.name))
            sync_folder(runs_dir)
        except BaseException:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise
        yield folder
