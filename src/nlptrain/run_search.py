"""Which run a user means: a folder, a name, or the newest one that finished."""

import shlex
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from nlptrain.errors import RunFolderError
from nlptrain.run_folder import RunFolder
from nlptrain.run_record import RunRecord

Found = tuple[RunFolder, RunRecord]


def list_runs(runs_dir: Path, tell: Callable[[str], None] = lambda _: None) -> list[Found]:
    """List the runs with their records, oldest first.

    Args:
        runs_dir: Where runs live.
        tell: Takes a sentence about each record that cannot be read: such a run is left out.

    Raises:
        RunFolderError: The folder cannot be read.
    """
    if not _is_folder(runs_dir):
        return []
    try:
        folders = [RunFolder(path) for path in runs_dir.iterdir()]
    except OSError as error:
        raise RunFolderError(f"{runs_dir}: cannot read: {error.strerror}") from error
    found = []
    for folder in folders:
        if _is_file(folder.record_path):
            try:
                found.append((folder, folder.read_record()))
            except RunFolderError as error:
                tell(f"passed over: {error}")
    return sorted(found, key=lambda each: (each[1].started, each[0].path.name))


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
    if run is None:
        return _newest_finished(list_runs(runs_dir), f"{runs_dir}: no finished run")
    places = (Path(run), runs_dir / run)
    for path in places:
        if _is_file(RunFolder(path).record_path):
            return RunFolder(path)
    runs = list_runs(runs_dir)
    named = [found for found in runs if found[0].path.name.rpartition("-")[0] == run]
    unfinished = [folder for folder, record in named if record.status != "finished"]
    if prefer_unfinished and unfinished:
        return unfinished[-1]
    if named:
        return _newest_finished(named, f"{runs_dir / run}: no finished run of this name")
    for path in places:
        if path != runs_dir and _is_folder(path):
            raise RunFolderError(
                f"{path}: not a run: it has no run.json; for a list: nlptrain runs"
            )
    raise RunFolderError(f"{run}: no such run in {runs_dir}{_suggest(run, runs)}")


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


def _newest_finished(runs: list[Found], problem: str) -> RunFolder:
    finished = [(record.ended or "", f) for f, record in runs if record.status == "finished"]
    if not finished:
        raise RunFolderError(f"{problem}; train one first: nlptrain train {_example_config()}")
    return max(finished, key=lambda entry: entry[0])[1]


def _example_config() -> str:
    """Name a config that exists from here: a file of a checkout, or the packaged one."""
    return "configs/rnn.yaml" if Path("configs/rnn.yaml").is_file() else "rnn"


def _suggest(run: str, runs: list[Found]) -> str:
    names = [folder.path.name for folder, _ in runs]
    close = get_close_matches(Path(run).name, names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    if names:
        return f"; there are {', '.join(names[-5:])}"
    return f"; train one first: nlptrain train {_example_config()}"


def _is_file(path: Path) -> bool:
    """Tell whether a file is there; a name that the system refuses to look up is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    """Tell whether a folder is there, in the same way."""
    try:
        return path.is_dir()
    except OSError:
        return False
