"""The folder of one training: every file name in it, its record, and how a run is found."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from nlptrain.errors import RunFolderError
from nlptrain.storage import read_json, write_atomic, write_json

DEFAULT_RUNS_DIR = Path("runs")


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
        versions: Python, NumPy, torch, nlptrain and the platform.
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


@dataclass(frozen=True)
class RunFolder:
    """A run on disk.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def config_path(self) -> Path:
        """The resolved config, YAML."""
        return self.path / "config.yaml"

    @property
    def model_path(self) -> Path:
        """The best network so far; predicts alone."""
        return self.path / "model.safetensors"

    @property
    def checkpoint_path(self) -> Path:
        """All that is needed to go on."""
        return self.path / "checkpoint.safetensors"

    @property
    def metrics_path(self) -> Path:
        """One JSON object a line: steps and evaluations."""
        return self.path / "metrics.jsonl"

    @property
    def report_path(self) -> Path:
        """The test scores, JSON."""
        return self.path / "report.json"

    @property
    def record_path(self) -> Path:
        """The run's record, JSON."""
        return self.path / "run.json"

    def read_record(self) -> RunRecord:
        """Read run.json.

        Raises:
            RunFolderError: It is missing or damaged.
        """
        values = read_json(self.record_path)
        known = {entry.name for entry in fields(RunRecord)}
        try:
            return RunRecord(**{key: value for key, value in values.items() if key in known})
        except TypeError as error:
            raise RunFolderError(f"{self.record_path}: damaged: {error}") from error

    def write_record(self, record: RunRecord) -> None:
        """Write run.json."""
        write_json(self.record_path, asdict(record))

    def status(self) -> str:
        """Tell the status; a run that says running but holds no lock was killed."""
        status = self.read_record().status
        if status != "running":
            return status
        try:
            with self.lock():
                return "killed"
        except RunFolderError:
            return "running"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run for one process; the system frees it when that process dies.

        Raises:
            RunFolderError: Another process holds it, or the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        try:
            # The bytes of the lock mean nothing, so only the lock itself is tried, at once.
            lock = FileLock(self.path / ".lock", timeout=0)
            lock.acquire()
        except Timeout:
            raise RunFolderError(f"{self.path}: another process is training this run") from None
        except OSError as error:
            raise RunFolderError(f"{self.path}: cannot lock: {error.strerror}") from error
        try:
            yield
        finally:
            lock.release()


def now() -> str:
    """Tell the time, ISO 8601 with UTC offset."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def create_run_folder(runs_dir: Path, name: str, config: str, record: RunRecord) -> RunFolder:
    """Make the next free folder NAME-001, NAME-002, … with its config and record in it.

    Args:
        runs_dir: Where runs live; made if missing.
        name: The config's name.
        config: The resolved config, YAML.
        record: The first record; its name becomes the folder's.

    Raises:
        RunFolderError: The folder cannot be written; nothing is left behind.
    """
    folder = RunFolder(make_numbered_folder(runs_dir, name))
    try:
        write_atomic(folder.config_path, config.encode())
        folder.write_record(replace(record, name=folder.path.name))
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    return folder


def make_numbered_folder(parent: Path, name: str) -> Path:
    """Make the next free folder NAME-001, NAME-002, …; its parent too if it is missing.

    Making a folder succeeds for one process only, so two that start at once get two.

    Raises:
        RunFolderError: The parent cannot be written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        number = max((_number(entry.name, name) for entry in os.scandir(parent)), default=0)
        while True:
            number += 1
            path = parent / f"{name}-{number:03d}"
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                return path
    except OSError as error:
        raise RunFolderError(
            f"{parent}: cannot make a folder there: {error.strerror}; choose another place"
        ) from error


def _number(folder: str, name: str) -> int:
    start, _, number = folder.rpartition("-")
    return int(number) if start == name and number.isascii() and number.isdigit() else 0


def list_runs(runs_dir: Path) -> list[RunFolder]:
    """List the runs, oldest first; folders without a readable record are passed over."""
    found = []
    if not runs_dir.is_dir():
        return []
    for path in runs_dir.iterdir():
        folder = RunFolder(path)
        if folder.record_path.is_file():
            try:
                found.append((folder.read_record().started, path.name, folder))
            except RunFolderError:
                continue
    return [folder for _, _, folder in sorted(found, key=lambda entry: entry[:2])]


def find_run(run: str | None, runs_dir: Path) -> RunFolder:
    """Find a run by its folder, its name, its config's name, or the newest finished one.

    Args:
        run: A folder; a name such as rnn-001; rnn for the newest finished rnn-…; None for the
            newest finished of all. Newest goes by the time of its end.
        runs_dir: Where runs live.

    Raises:
        RunFolderError: There is none; says which there are.
    """
    if run is None:
        return _newest_finished(list_runs(runs_dir), f"{runs_dir}: no finished run")
    for path in (Path(run), runs_dir / run):
        if RunFolder(path).record_path.is_file():
            return RunFolder(path)
        if path.is_dir() and path != runs_dir:
            raise RunFolderError(f"{path}: not a run: it has no run.json")
    runs = list_runs(runs_dir)
    named = [folder for folder in runs if folder.path.name.rpartition("-")[0] == run]
    if named:
        return _newest_finished(named, f"{runs_dir / run}: no finished run of this name")
    raise RunFolderError(f"{run}: no such run in {runs_dir}{_suggest(run, runs)}")


def find_model(run: str | None, runs_dir: Path) -> Path:
    """Find the model file of a run, or take a model file itself.

    Raises:
        RunFolderError: There is no such run, or it has no model yet.
    """
    if run is not None and Path(run).is_file():
        return Path(run)
    folder = find_run(run, runs_dir)
    if not folder.model_path.is_file():
        raise RunFolderError(
            f"{folder.path}: no model file; go on with: nlptrain resume {folder.path}"
        )
    return folder.model_path


def _newest_finished(runs: list[RunFolder], problem: str) -> RunFolder:
    records = [(folder.read_record(), folder) for folder in runs]
    finished = [(record.ended or "", f) for record, f in records if record.status == "finished"]
    if not finished:
        raise RunFolderError(f"{problem}; train one first: nlptrain train {_example_config()}")
    return max(finished, key=lambda entry: entry[0])[1]


def _example_config() -> str:
    """Name a config that exists from here: a file of a checkout, or the packaged one."""
    return "configs/rnn.yaml" if Path("configs/rnn.yaml").is_file() else "rnn"


def _suggest(run: str, runs: list[RunFolder]) -> str:
    names = [folder.path.name for folder in runs]
    close = get_close_matches(Path(run).name, names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    if names:
        return f"; there are {', '.join(names[-5:])}"
    return f"; train one first: nlptrain train {_example_config()}"
