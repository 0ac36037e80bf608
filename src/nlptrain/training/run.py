"""One training from start to end: config, data, learner, reporters and files brought together."""

import contextlib
import platform
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from nlptrain.config.dump import dump_config
from nlptrain.config.load import load_config
from nlptrain.config.model import RnnEncoder
from nlptrain.config.run import RunConfig
from nlptrain.datasets.examples import Dataset
from nlptrain.errors import RunFolderError, TrainingError
from nlptrain.evaluation.data_report import describe_majority
from nlptrain.evaluation.metrics import Scores
from nlptrain.model_file import ModelFile
from nlptrain.reporting.records import StepRecord
from nlptrain.reporting.reporter import Reporter
from nlptrain.run_folder import RunFolder, RunRecord, create_run_folder, now
from nlptrain.training.checkpoint import Checkpoint, optimizer_settings
from nlptrain.training.engine import build_learner, choose_engine
from nlptrain.training.interruption import Interruption, interruptible
from nlptrain.training.journal import Journal
from nlptrain.training.learner import Learner
from nlptrain.training.loop import Plan, Progress, train
from nlptrain.training.machine import describe_machine
from nlptrain.training.preparation import Preparation, build_plan, prepare
from nlptrain.training.verdict import Verdict, decide, judge


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
        seconds: Wall-clock time from the first step of this process to the last file.
        strings_per_second: Training strings a second, evaluation and saving included.
        interrupted_by: The signal that stopped it; None if nothing did.
        verdict: All that was measured on the test split; None if the training was interrupted.
    """

    folder: RunFolder
    scores: Scores | None
    best_step: int
    seconds: float
    strings_per_second: float
    interrupted_by: int | None = None
    verdict: Verdict | None = None


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
        TrainingError: The training diverged; the run is kept.
    """
    audience = audience or Audience()
    preparation = prepare(config)
    learner = build_learner(config, preparation)
    record = RunRecord(
        name=config.name,
        status="running",
        command=command,
        started=now(),
        seed=config.seed,
        encoder=_name_encoder(config),
        optimizer=config.optimizer.type,
        data_fingerprint=preparation.dataset.fingerprint,
        versions=_versions() | describe_machine(config, preparation.architecture),
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
        return _train(config, preparation, learner, folder, audience)


def resume(folder: RunFolder, *, audience: Audience | None = None) -> Outcome:
    """Go on with a run that was killed, interrupted or failed, from its last checkpoint.

    A run without a checkpoint starts over in its own folder.

    Raises:
        RunFolderError: The data, the network or the optimizer is not the same, a file is damaged,
            or somebody trains the run.
        TrainingError: The training diverged.
    """
    audience = audience or Audience()
    with folder.lock():
        record = folder.read_record()
        config = load_config(folder.config_path).config
        preparation = prepare(config)
        if preparation.dataset.fingerprint != record.data_fingerprint:
            raise RunFolderError(
                f"{folder.path}: the data is not what this run began with; "
                f"train anew: nlptrain train {folder.config_path}"
            )
        learner = build_learner(config, preparation)
        checkpoint = None
        if folder.checkpoint_path.is_file():
            checkpoint = Checkpoint.load(folder.checkpoint_path)
            _check_unchanged(folder, checkpoint, config, preparation)
            learner.load_state(checkpoint.state)
            audience.tell(f"{folder.path}: going on after step {checkpoint.progress.step:,}")
        else:
            audience.tell(f"{folder.path}: has no checkpoint yet; starting over")
        folder.write_record(replace(record, status="running", ended=None, error=None))
        return _train(config, preparation, learner, folder, audience, checkpoint)


def _check_unchanged(
    folder: RunFolder, checkpoint: Checkpoint, config: RunConfig, preparation: Preparation
) -> None:
    """Refuse a config whose network or optimizer is not the checkpoint's."""
    changed = None
    if checkpoint.architecture != preparation.architecture:
        changed = "model"
    elif checkpoint.optimizer != optimizer_settings(config.optimizer):
        changed = "optimizer"
    if changed:
        raise RunFolderError(
            f"{folder.config_path}: {changed} is not what the run's checkpoint was made with; "
            f"put it back, or train anew: nlptrain train {folder.config_path}"
        )


def _train(
    config: RunConfig,
    preparation: Preparation,
    learner: Learner,
    folder: RunFolder,
    audience: Audience,
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Train to the end, or to an interruption, and leave the folder whole."""
    plan = build_plan(config, preparation)
    progress = checkpoint.progress if checkpoint else Progress()
    journal = Journal(folder, config, preparation, learner, plan)
    try:
        with interruptible() as interruption:
            journal.open(checkpoint)
            if audience.watch:
                journal.add(audience.watch(plan))
            return _run(config, preparation, learner, plan, progress, journal, interruption)
    except BaseException as error:
        # The disk may be what failed, so the record of it may fail too.
        with contextlib.suppress(RunFolderError):
            if isinstance(error, KeyboardInterrupt):
                journal.write_record("interrupted")
            else:
                journal.write_record("failed", error=str(error) or repr(error))
        if isinstance(error, TrainingError):
            raise TrainingError(f"{folder.path}: {error}") from error
        raise
    finally:
        journal.close()


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
        seconds=seconds,
        strings_per_second=strings / max(seconds, 1e-9),
        interrupted_by=interruption.signal_number if verdict is None else None,
        verdict=verdict,
    )


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
    """Say what is known at no cost, and which command finds the rest."""
    path = shlex.quote(str(folder.config_path))
    return f"{describe_majority(dataset)}; what else may tell them: nlptrain data report {path}"


def _name_encoder(config: RunConfig) -> str:
    encoder = config.model.encoder
    return encoder.cell if isinstance(encoder, RnnEncoder) else encoder.type


def _versions() -> dict[str, str]:
    packages = ("nlptrain", "numpy", "torch")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{package: version(package) for package in packages},
    }
