"""A training carried out in its folder: to the end, an interruption, or the error in its way."""

import contextlib
import shlex
import time
from dataclasses import dataclass

from nlptrain.datasets.examples import Examples
from nlptrain.errors import (
    NonFiniteStepError,
    RunFolderError,
    TrainingError,
    WritingError,
    is_out_of_memory,
)
from nlptrain.evaluation.metrics import Scores
from nlptrain.files.model_file import ModelFile
from nlptrain.reporting.audience import Audience
from nlptrain.reporting.records import StepRecord
from nlptrain.runs.folder import RunFolder
from nlptrain.training.assembly import Training
from nlptrain.training.interruption import Interruption, interruptible
from nlptrain.training.journal import Journal
from nlptrain.training.nonfinite import replay_command
from nlptrain.training.verdict import Verdict, decide, judge

LONGEST_EXAMPLE = 30
"""Characters of a string that is proposed to be typed."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a training.

    Attributes:
        folder: The run.
        scores: Of the best model on the test split; None if the training was interrupted.
        best_step: The step of the best model.
        steps: Made so far, those before an interruption too.
        skipped: Those of them that made no update, since their numbers were not finite.
        seconds: Wall-clock time from the first step of this process to the last file.
        strings_per_second: Training strings a second, evaluation and saving included.
        interrupted_by: The signal that stopped it; None if nothing did.
        verdict: All that was measured on the test split; None if the training was interrupted.
        example: A test string to try the network on.
    """

    folder: RunFolder
    scores: Scores | None
    best_step: int
    steps: int
    skipped: int
    seconds: float
    strings_per_second: float
    interrupted_by: int | None = None
    verdict: Verdict | None = None
    example: str = "abcd"


def carry_out(training: Training, folder: RunFolder, audience: Audience) -> Outcome:
    """Train to the end, or to an interruption, and leave the folder whole.

    Args:
        training: What is trained.
        folder: The run, whose lock is held.
        audience: Who follows.

    Raises:
        RunFolderError: A file cannot be written.
        TrainingError: The training diverged; the run is kept.
    """
    journal = Journal(folder, training)
    try:
        with interruptible() as interruption:
            journal.open()
            if audience.watch_training:
                plan = training.plan
                journal.add(audience.watch_training(plan.total_steps, plan.epochs))
            outcome = _run(training, journal, interruption)
            journal.close()
        return outcome
    except BaseException as error:
        # The disk may be what failed, so the record of it may fail too.
        with contextlib.suppress(RunFolderError):
            if isinstance(error, KeyboardInterrupt):
                journal.write_record("interrupted")
            else:
                journal.write_record("failed", error=str(error) or repr(error))
        if isinstance(error, NonFiniteStepError):
            note = _keep_nonfinite(journal)
            raise NonFiniteStepError(f"{folder.path}: {error}\n{note}") from error
        if isinstance(error, WritingError):
            raise WritingError(f"{error}; {_say_how_to_go_on(folder)}") from error
        if is_out_of_memory(error):
            raise TrainingError(_describe_lack(error, folder)) from error
        if isinstance(error, TrainingError):
            raise TrainingError(f"{folder.path}: {error}") from error
        raise
    finally:
        # A failure has been told by now; the same disk may refuse what is still buffered.
        with contextlib.suppress(RunFolderError):
            journal.close()


def _describe_lack(error: BaseException, folder: RunFolder) -> str:
    """Describe what is kept of a training that the memory did not suffice for."""
    kept = (
        "nothing is lost: its last checkpoint is kept"
        if folder.checkpoint_path.is_file()
        else ("it has no checkpoint yet")
    )
    return (
        f"{folder.path}: not enough memory: {str(error) or 'none could be allocated'}; {kept}; "
        f"free memory, then: nlptrain resume {shlex.quote(str(folder.path))}"
    )


def _say_how_to_go_on(folder: RunFolder) -> str:
    """Describe what to do once files can be written again."""
    if folder.record_path.is_file():
        return f"then go on: nlptrain resume {shlex.quote(str(folder.path))}"
    return "nothing is left of the run, so train it anew"


def _keep_nonfinite(journal: Journal) -> str:
    """Write what the bad step saw; describe where that is and how to see it again."""
    folder = journal.folder
    try:
        examined = journal.write_nonfinite()
    except RunFolderError as error:
        return f"its strings and the state before it could not be kept: {error}"
    overflow = "the update before it made parameters infinite\n"
    return (
        f"{'' if examined.begins_finite else overflow}"
        f"its strings and gradient norms: {folder.nonfinite_path}\n"
        f"the state before it: {folder.nonfinite_state_path}\n"
        f"compute just this step again: {replay_command(folder)}"
    )


def _run(training: Training, journal: Journal, interruption: Interruption) -> Outcome:
    began = time.monotonic()
    progress, strings, seconds, verdict = training.progress, 0, 0.0, None
    try:
        for record in training.records():
            journal.handle(record)
            strings += record.examples if isinstance(record, StepRecord) else 0
            if interruption.signal_number is not None:
                break
        seconds = time.monotonic() - began
        journal.save_checkpoint()
        if interruption.signal_number is None:
            verdict = _finish(training, journal, interruption)
    except KeyboardInterrupt:
        if interruption.signal_number is None:
            raise
    interruption.settled = True
    if verdict is None:
        journal.write_record("interrupted")
    return Outcome(
        folder=journal.folder,
        scores=None if verdict is None else verdict.scores,
        best_step=progress.best_step,
        steps=progress.step,
        skipped=progress.skipped,
        seconds=seconds,
        strings_per_second=strings / max(seconds, 1e-9),
        interrupted_by=interruption.signal_number if verdict is None else None,
        verdict=verdict,
        example=_pick_example(training.preparation.dataset.test),
    )


def _pick_example(examples: Examples) -> str:
    """Pick a string that can be typed in a terminal, the first there is."""
    typable = (
        text
        for text in examples.texts
        if 0 < len(text) <= LONGEST_EXAMPLE and text.isprintable() and text[0] not in "- "
    )
    return next(typable, "abcd")


def _finish(training: Training, journal: Journal, interruption: Interruption) -> Verdict:
    """Judge the best model, all steps being made and saved; a signal may stop this anywhere."""
    interruption.at_once = True
    model = ModelFile.load(journal.folder.model_path)
    learner, preparation = training.learner, training.preparation
    learner.load_arrays(model.arrays)
    decision = decide(learner, preparation, training.config.training)
    journal.save_decision(model, decision)
    verdict = judge(learner, preparation, decision)
    journal.write_report(verdict)
    # What is finished may no longer be called interrupted.
    interruption.settled = True
    journal.write_record("finished", score=verdict.scores.accuracy)
    return verdict
