"""Which run a user means: a folder, a name, or the newest one that finished."""

import contextlib
import os
import shlex
from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from nlptrain.errors import RunFolderError
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.record import RunRecord

Found = tuple[RunFolder, RunRecord]

_SECONDS_OF_SLACK = 2.0
"""How far a file's time may be behind the clock: some systems count in steps of two seconds."""


def list_runs(runs_dir: Path, tell: Callable[[str], None] = lambda _: None) -> list[Found]:
    """List the runs with their records, oldest first.

    Args:
        runs_dir: Where runs live.
        tell: Takes a sentence about each record that cannot be read: such a run is left out.

    Raises:
        RunFolderError: The folder cannot be read.
    """
    found = []
    for _, folder in _list_folders(runs_dir):
        try:
            found.append((folder, folder.read_record()))
        except RunFolderError as error:
            tell(f"passed over: {error}")
    return sorted(found, key=lambda each: (each[1].started, each[0].path.name))


def list_newest(runs_dir: Path, most: int) -> list[Found]:
    """List the runs whose records were written last, the last first, as far as they can be read.

    Raises:
        RunFolderError: The folder cannot be read.
    """
    found = []
    for _, folder in _list_folders(runs_dir)[:most]:
        with contextlib.suppress(RunFolderError):
            found.append((folder, folder.read_record()))
    return found


def _list_folders(runs_dir: Path) -> list[tuple[float, RunFolder]]:
    """List the folders that have a record, the one written last first, with the time of that."""
    if not _is_folder(runs_dir):
        return []
    found = []
    try:
        for entry in os.scandir(runs_dir):
            folder = RunFolder(Path(entry.path))
            with contextlib.suppress(OSError):
                found.append((folder.record_path.stat().st_mtime, folder))
    except OSError as error:
        raise RunFolderError(f"{runs_dir}: cannot read: {error.strerror}") from error
    return sorted(found, key=lambda each: (-each[0], each[1].path.name))


def find_run(run: str | None, runs_dir: Path, *, prefer_unfinished: bool = False) -> RunFolder:
    """Find a run by its folder, its name, its config's name, or the newest finished one.

    Args:
        run: A folder; a name such as rnn-001; rnn for the newest finished rnn-…; None for the
            newest finished of all. Newest goes by the time of its end.
        runs_dir: Where runs live.
        prefer_unfinished: Whether rnn stands for the newest rnn-… that is not finished, if any.

    Raises:
        RunFolderError: There is none; says which there are.
    """
    if run is None and prefer_unfinished:
        return _unfinished_run(runs_dir)
    if run is None:
        return _newest_finished(_list_folders(runs_dir), f"{runs_dir}: no finished run")
    places = (Path(run), runs_dir / run)
    for path in places:
        if _is_file(RunFolder(path).record_path):
            return RunFolder(path)
    folders = _list_folders(runs_dir)
    named = [each for each in folders if each[1].path.name.rpartition("-")[0] == run]
    if prefer_unfinished and (unfinished := _newest_unfinished(named)):
        return unfinished
    if named:
        return _newest_finished(named, f"{runs_dir / run}: no finished run of this name")
    for path in places:
        if path != runs_dir and _is_folder(path):
            raise RunFolderError(
                f"{path}: not a run: it has no run.json; for a list: nlptrain runs"
            )
    raise RunFolderError(f"{run}: no such run in {runs_dir}{_suggest(run, folders)}")


def find_model(run: str | None, runs_dir: Path) -> Path:
    """Find the model file of a run, or take a model file itself.

    Raises:
        RunFolderError: There is no such run, or it has no model yet.
    """
    if run is not None and _is_file(Path(run)):
        return Path(run)
    folder = find_run(run, runs_dir)
    if _is_file(folder.model_path):
        return folder.model_path
    if folder.read_record().status == "finished":
        remedy = f"train it anew: nlptrain train {shlex.quote(str(folder.config_path))}"
    else:
        remedy = f"go on with: nlptrain resume {shlex.quote(str(folder.path))}"
    raise RunFolderError(f"{folder.path}: no model file; {remedy}")


def _newest_finished(folders: list[tuple[float, RunFolder]], problem: str) -> RunFolder:
    """Find the run that finished last, reading no more records than that takes.

    A record is written when its run ends, so none tells of a later end than its file's time.
    """
    newest, ended, unfinished = None, "", list[RunFolder]()
    for written, folder in folders:
        if newest and written + _SECONDS_OF_SLACK < datetime.fromisoformat(ended).timestamp():
            return newest
        try:
            record = folder.read_record()
        except RunFolderError:
            continue
        if record.status != "finished":
            unfinished.append(folder)
        elif newest is None or (record.ended or "") > ended:
            newest, ended = folder, record.ended or record.started
    if newest is None:
        raise RunFolderError(f"{problem}; {_remedy(unfinished)}")
    return newest


def _unfinished_run(runs_dir: Path) -> RunFolder:
    """Find the run that began last of those that are neither finished nor being trained."""
    resting = [each for each in _list_folders(runs_dir) if not _is_being_trained(each[1])]
    folder = _newest_unfinished(resting)
    if folder is None:
        raise RunFolderError(
            f"{runs_dir}: no run to resume; to train a finished one longer, name it: "
            "nlptrain resume RUN --set training.epochs=…"
        )
    return folder


def _is_being_trained(folder: RunFolder) -> bool:
    try:
        return folder.status() == "running"
    except RunFolderError:
        return False


def _newest_unfinished(folders: list[tuple[float, RunFolder]]) -> RunFolder | None:
    """Find the run that began last of those that are not finished."""
    found = []
    for _, folder in folders:
        with contextlib.suppress(RunFolderError):
            record = folder.read_record()
            if record.status != "finished":
                found.append((record.started, folder.path.name, folder))
    return max(found, key=lambda each: each[:2])[2] if found else None


def _remedy(unfinished: list[RunFolder]) -> str:
    """Describe what to do without a finished run: use what an unfinished one has, or train one."""
    with_model = [folder for folder in unfinished if _is_file(folder.model_path)]
    if not with_model:
        return f"train one first: nlptrain train {_example_config()}"
    path = shlex.quote(str(with_model[0].path))
    return (
        f"{path} is unfinished; its best network so far predicts: "
        f'nlptrain predict "abcd" --run {path}; to finish it: nlptrain resume {path}'
    )


def _example_config() -> str:
    """Name a config that exists from here: a file of a checkout, or the packaged one."""
    return "configs/rnn.yaml" if Path("configs/rnn.yaml").is_file() else "rnn"


def _suggest(run: str, folders: list[tuple[float, RunFolder]]) -> str:
    names = [folder.path.name for _, folder in folders]
    close = get_close_matches(Path(run).name, names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    if names:
        return f"; there are {', '.join(reversed(names[:5]))}"
    return f"; train one first: nlptrain train {_example_config()}"


def _is_file(path: Path) -> bool:
    """Return whether a file is there; a name that the system refuses to look up is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    """Return whether a folder is there, in the same way."""
    try:
        return path.is_dir()
    except OSError:
        return False
