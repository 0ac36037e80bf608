"""Finding the run that a user means: a folder, a name, or the newest finished run."""

import contextlib
import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from nlptrain.errors import RunFolderError
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.record import RunRecord

Found = tuple[RunFolder, RunRecord]

_FILE_TIME_RESOLUTION = 2.0
"""Seconds; some file systems store times in steps of two seconds."""


def list_runs(runs_dir: Path, tell: Callable[[str], None] = lambda _: None) -> list[Found]:
    """List the runs with their records, oldest first.

    The records come without their configs, which would be most of the memory of a long list.

    Args:
        runs_dir: The folder of all runs.
        tell: Called with a sentence about each run skipped because its record cannot be read.

    Raises:
        RunFolderError: The folder cannot be read.
    """
    found = []
    for _, folder in _list_folders(runs_dir):
        try:
            found.append((folder, replace(folder.read_record(), config=None)))
        except RunFolderError as error:
            tell(f"skipped: {error}")
    return sorted(found, key=lambda each: (each[1].started, each[0].path.name))


def list_newest(runs_dir: Path, most: int) -> list[Found]:
    """List the runs with the newest readable records, newest first.

    Raises:
        RunFolderError: The folder cannot be read.
    """
    found = []
    for _, folder in _list_folders(runs_dir)[:most]:
        with contextlib.suppress(RunFolderError):
            found.append((folder, folder.read_record()))
    return found


def _list_folders(runs_dir: Path) -> list[tuple[float, RunFolder]]:
    """List the folders that have a record, with the time it was written, newest first."""
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
    """Find a run by its folder, its name or its config's name, or find the newest finished run.

    Args:
        run: A folder; a name such as rnn-001; rnn for the rnn-… that finished last; None for the
            run that finished last.
        runs_dir: The folder of all runs.
        prefer_unfinished: Whether rnn means the newest unfinished rnn-…, if there is one.

    Raises:
        RunFolderError: There is no such run; names those there are.
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
                f"{path}: not a run, as it has no run.json; to list the runs: nlptrain runs"
            )
    raise RunFolderError(f"{run}: no such run in {runs_dir}{_suggest(run, folders)}")


def find_model(run: str | None, runs_dir: Path) -> Path:
    """Find the model file of a run; a path to a model file is returned as is.

    Raises:
        RunFolderError: There is no such run, or it has no model yet.
    """
    if run is not None and _is_file(Path(run)):
        return Path(run)
    folder = find_run(run, runs_dir)
    if _is_file(folder.model_path):
        return folder.model_path
    if folder.read_record().status == "finished":
        remedy = f"train it again: nlptrain train {shlex.quote(str(folder.config_path))}"
    else:
        remedy = f"finish it: nlptrain resume {shlex.quote(str(folder.path))}"
    raise RunFolderError(f"{folder.path}: no model file; {remedy}")


def _newest_finished(folders: list[tuple[float, RunFolder]], problem: str) -> RunFolder:
    """Find the run that finished last, reading as few records as possible.

    A record is written when its run ends, so no run ended later than its record's file time.
    """
    newest, ended, unfinished = None, "", list[RunFolder]()
    for written, folder in folders:
        if newest and written + _FILE_TIME_RESOLUTION < datetime.fromisoformat(ended).timestamp():
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
    """Find the run that started last among those neither finished nor being trained."""
    idle = [each for each in _list_folders(runs_dir) if not _is_being_trained(each[1])]
    folder = _newest_unfinished(idle)
    if folder is None:
        raise RunFolderError(
            f"{runs_dir}: no unfinished run; to train a finished one longer, name it: "
            "nlptrain resume RUN --set training.epochs=…"
        )
    return folder


def _is_being_trained(folder: RunFolder) -> bool:
    try:
        return folder.status() == "running"
    except RunFolderError:
        return False


def _newest_unfinished(folders: list[tuple[float, RunFolder]]) -> RunFolder | None:
    found = []
    for _, folder in folders:
        with contextlib.suppress(RunFolderError):
            record = folder.read_record()
            if record.status != "finished":
                found.append((record.started, folder.path.name, folder))
    return max(found, key=lambda each: each[:2])[2] if found else None


def _remedy(unfinished: list[RunFolder]) -> str:
    """Suggest what to do without a finished run: use an unfinished one, or train one."""
    with_model = [folder for folder in unfinished if _is_file(folder.model_path)]
    if not with_model:
        return f"train one first: nlptrain train {_example_config()}"
    path = shlex.quote(str(with_model[0].path))
    return (
        f"{path} is unfinished; to use its best network so far: "
        f'nlptrain predict "abcd" --run {path}; to finish it: nlptrain resume {path}'
    )


def _example_config() -> str:
    """Return a config that exists here: a file of a checkout, or else a packaged one."""
    return "configs/rnn.yaml" if Path("configs/rnn.yaml").is_file() else "rnn"


def _suggest(run: str, folders: list[tuple[float, RunFolder]]) -> str:
    names = [folder.path.name for _, folder in folders]
    close = get_close_matches(Path(run).name, names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    if names:
        return f"; existing runs: {', '.join(reversed(names[:5]))}"
    return f"; train one first: nlptrain train {_example_config()}"


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113  Path.is_file raises for a name that is too long


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  likewise
