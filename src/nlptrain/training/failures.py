"""What is said of a training that failed: where, why, what is kept, and how to go on."""

import shlex

from nlptrain.errors import (
    LostProcessError,
    NonFiniteStepError,
    RunFolderError,
    TrainingError,
    WritingError,
    describe_lack_of_memory,
    is_out_of_memory,
)
from nlptrain.runs.folder import RunFolder
from nlptrain.training.journal import Journal
from nlptrain.training.nonfinite import replay_command


def raise_explained(error: BaseException, journal: Journal) -> None:
    """Raise an error with the place and the remedy; return if there is nothing to add.

    Raises:
        WritingError: A file could not be written.
        LostProcessError: Another process of the training has ended.
        TrainingError: The training diverged, or lacked memory.
    """
    if isinstance(error, NonFiniteStepError):
        note = _keep_nonfinite(journal)
        raise NonFiniteStepError(f"{journal.place}: {error}\n{note}") from error
    if isinstance(error, WritingError):
        raise WritingError(f"{error}; {_advise_after_failed_write(journal.folder)}") from error
    if is_out_of_memory(error):
        raise TrainingError(_describe_lack(error, journal.folder)) from error
    if isinstance(error, LostProcessError):
        raise LostProcessError(_describe_loss(error, journal.folder)) from error
    if isinstance(error, TrainingError):
        raise TrainingError(f"{journal.place}: {error}") from error


def _describe_lack(error: BaseException, folder: RunFolder) -> str:
    return (
        f"{folder.path}: {describe_lack_of_memory(error)}; {_describe_kept(folder)}; free memory, "
        f"then resume: nlptrain resume {shlex.quote(str(folder.path))}"
    )


def _describe_loss(error: BaseException, folder: RunFolder) -> str:
    return (
        f"{folder.path}: {error}; {_describe_kept(folder)}; to resume, with as many processes as "
        f"you like: nlptrain resume {shlex.quote(str(folder.path))}"
    )


def _describe_kept(folder: RunFolder) -> str:
    has_checkpoint = folder.checkpoint_path.is_file()
    return "its last checkpoint is kept" if has_checkpoint else "it has no checkpoint yet"


def _advise_after_failed_write(folder: RunFolder) -> str:
    if folder.record_path.is_file():
        return f"then resume: nlptrain resume {shlex.quote(str(folder.path))}"
    return "nothing is left of the run; train it again"


def _keep_nonfinite(journal: Journal) -> str:
    folder = journal.folder
    try:
        examined = journal.write_nonfinite()
    except RunFolderError as error:
        return f"its strings and the state before it could not be saved: {error}"
    overflow = "the previous update made parameters infinite\n"
    return (
        f"{'' if examined.begins_finite else overflow}"
        f"its strings and gradient norms: {folder.nonfinite_path}\n"
        f"the state before it: {folder.nonfinite_state_path}\n"
        f"to compute only this step again: {replay_command(folder)}"
    )
