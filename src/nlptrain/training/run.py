"""One training from start to end: config, data, learner, reporters and files brought together."""

import contextlib
import platform
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from nlptrain.config.dump import dump_config
from nlptrain.config.run import RunConfig
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.errors import NonFiniteStepError, RunFolderError, TrainingError, WritingError
from nlptrain.evaluation.data_report import describe_majority
from nlptrain.evaluation.metrics import Scores
from nlptrain.model_file import ModelFile
from nlptrain.reporting.records import StepRecord
from nlptrain.reporting.reporter import Reporter
from nlptrain.run_folder import RunFolder, create_run_folder, now
from nlptrain.run_record import RunRecord
from nlptrain.text.vectors import fingerprint_vectors
from nlptrain.training.checkpoint import Checkpoint
from nlptrain.training.engine import build_learner, choose_engine
from nlptrain.training.interruption import Interruption, interruptible
from nlptrain.training.journal import Journal
from nlptrain.training.learner import Learner
from nlptrain.training.loop import train
from nlptrain.training.machine import describe_machine
from nlptrain.training.nonfinite import replay_command
from nlptrain.training.plan import Plan, Progress, build_plan
from nlptrain.training.preparation import Preparation, prepare
from nlptrain.training.verdict import Verdict, decide, judge

LONGEST_EXAMPLE = 30
"""Characters of a string that is proposed to be typed."""


@dataclass(frozen=True, eq=False)
class Audience:
    """Who listens to a training.

    Attributes:
        tell: Takes each sentence about data and text.
        watch: Makes the live display, once the plan is known; None for none.
    """

    tell: Callable[[str], None] = lambda _: None
    watch: Callable[[Plan], Reporter] | None = None


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


def start(
    config: RunConfig, *, runs_dir: Path, command: str, audience: Audience | None = None
) -> Outcome:
    """Train a new run. Config and data are checked before its folder is made.

    Args:
        config: What to train.
        runs_dir: Where runs live.
        command: What the user typed, for the record.
        audience: Who listens.

    Raises:
        ConfigError, DataError: Nothing was written.
        RunFolderError: The folder cannot be written.
        NonFiniteStepError: The training diverged; the run is kept, with the step at which it did.
        TrainingError: The training diverged; the run is kept.
    """
    audience = audience or Audience()
    preparation = prepare(config)
    learner = build_learner(config, preparation)
    vectors = config.model.embedding.vectors
    record = RunRecord(
        name=config.name,
        status="running",
        command=command,
        started=now(),
        seed=config.seed,
        encoder=config.model.encoder.label,
        optimizer=config.optimizer.type,
        data_fingerprint=preparation.dataset.fingerprint,
        versions=installed_versions() | describe_machine(config, preparation.architecture),
        examples=preparation.dataset.sizes,
        vectors_fingerprint=fingerprint_vectors(Path(vectors)) if vectors else None,
        config=config.model_dump(mode="json"),
    )
    new = create_run_folder(runs_dir, config.name, dump_config(config), record)
    with new as folder:
        # Only now: a refused run gets its one message and nothing else.
        choice = choose_engine(config, preparation.architecture)
        notes = [f"engine: {choice.name}, {choice.reason}", *preparation.notes]
        if config.data.file is not None:
            notes.append(_point_to_report(preparation.dataset, folder))
        for note in notes:
            audience.tell(note)
        return carry_out(config, preparation, learner, folder, audience)


def carry_out(
    config: RunConfig,
    preparation: Preparation,
    learner: Learner,
    folder: RunFolder,
    audience: Audience,
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Train to the end, or to an interruption, and leave the folder whole.

    Args:
        config: What is trained.
        preparation: Of that config.
        learner: At its initial values, or those of the checkpoint.
        folder: The run, whose lock is held.
        audience: Who listens.
        checkpoint: Where to go on from; None: from the start.

    Raises:
        RunFolderError: A file cannot be written.
        TrainingError: The training diverged; the run is kept.
    """
    plan = build_plan(config, preparation)
    progress = checkpoint.progress if checkpoint else Progress()
    journal = Journal(folder, config, preparation, learner, plan)
    try:
        with interruptible() as interruption:
            journal.open(checkpoint)
            if audience.watch:
                journal.add(audience.watch(plan))
            outcome = _run(config, preparation, learner, plan, progress, journal, interruption)
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
            note = _keep_nonfinite(journal, progress, folder)
            raise NonFiniteStepError(f"{folder.path}: {error}\n{note}") from error
        if isinstance(error, WritingError):
            raise WritingError(f"{error}; {_say_how_to_go_on(folder)}") from error
        if isinstance(error, TrainingError):
            raise TrainingError(f"{folder.path}: {error}") from error
        raise
    finally:
        # A failure has been told by now; the same disk may refuse what is still buffered.
        with contextlib.suppress(RunFolderError):
            journal.close()


def _say_how_to_go_on(folder: RunFolder) -> str:
    """Describe what to do once files can be written again."""
    if folder.record_path.is_file():
        return f"then go on: nlptrain resume {shlex.quote(str(folder.path))}"
    return "nothing is left of the run, so train it anew"


def _keep_nonfinite(journal: Journal, progress: Progress, folder: RunFolder) -> str:
    """Write what the bad step saw, and say where that is and how to see it again."""
    try:
        examined = journal.write_nonfinite(progress)
    except RunFolderError as error:
        return f"its strings and the state before it could not be kept: {error}"
    overflow = "the update before it made parameters infinite\n"
    return (
        f"{'' if examined.begins_finite else overflow}"
        f"its strings and gradient norms: {folder.nonfinite_path}\n"
        f"the state before it: {folder.nonfinite_state_path}\n"
        f"compute just this step again: {replay_command(folder)}"
    )


def _run(
    config: RunConfig,
    preparation: Preparation,
    learner: Learner,
    plan: Plan,
    progress: Progress,
    journal: Journal,
    interruption: Interruption,
) -> Outcome:
    began = time.monotonic()
    splits, strings, seconds, verdict = preparation.splits, 0, 0.0, None
    try:
        for record in train(learner, preparation.train_split, splits["validation"], plan, progress):
            journal.handle(record, progress)
            strings += record.examples if isinstance(record, StepRecord) else 0
            if interruption.signal_number is not None:
                break
        seconds = time.monotonic() - began
        journal.save_checkpoint(progress)
        if interruption.signal_number is None:
            verdict = _finish(config, preparation, learner, progress, journal, interruption)
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
        example=_pick_example(preparation.dataset.test),
    )


def _pick_example(examples: Examples) -> str:
    """Pick a string that can be typed in a terminal, the first there is."""
    typable = (
        text
        for text in examples.texts
        if 0 < len(text) <= LONGEST_EXAMPLE and text.isprintable() and text[0] not in "- "
    )
    return next(typable, "abcd")


def _finish(
    config: RunConfig,
    preparation: Preparation,
    learner: Learner,
    progress: Progress,
    journal: Journal,
    interruption: Interruption,
) -> Verdict:
    """Judge the best model, all steps being made and saved; a signal may stop this anywhere."""
    interruption.at_once = True
    model = ModelFile.load(journal.folder.model_path)
    learner.load_arrays(model.arrays)
    decision = decide(learner, preparation, config.training)
    journal.save_decision(model, decision)
    verdict = judge(learner, preparation, decision)
    journal.write_report(verdict, progress)
    # What is finished may no longer be called interrupted.
    interruption.settled = True
    journal.write_record("finished", score=verdict.scores.accuracy)
    return verdict


def _point_to_report(dataset: Dataset, folder: RunFolder) -> str:
    """Describe what is known at no cost, and which command finds the rest."""
    path = shlex.quote(str(folder.config_path))
    check = f"check what else predicts the label: nlptrain data report {path}"
    return f"{describe_majority(dataset)}; {check}"


def installed_versions() -> dict[str, str]:
    """Return what may change the last digits: Python, the platform, and the packages."""
    packages = ("nlptrain", "numpy", "torch")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{package: version(package) for package in packages},
    }
