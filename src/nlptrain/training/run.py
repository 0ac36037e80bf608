"""A new run: check its config, build its data, create its folder, and train."""

import shlex
import shutil
from dataclasses import replace
from pathlib import Path

from nlptrain.config.dump import dump_config
from nlptrain.config.run import RunConfig
from nlptrain.evaluation.data_report import describe_majority
from nlptrain.files.storage import writing
from nlptrain.reporting.audience import Audience
from nlptrain.reporting.plugins import find_reporters
from nlptrain.runs.folder import RunFolder, create_run_folder, now
from nlptrain.runs.record import RunRecord
from nlptrain.text.vectors import fingerprint_vectors
from nlptrain.training.assembly import Training, assemble
from nlptrain.training.carry_out import carry_out
from nlptrain.training.machine import describe_machine, installed_versions
from nlptrain.training.outcome import Outcome


def start(
    config: RunConfig,
    *,
    runs_dir: Path,
    command: str,
    audience: Audience | None = None,
    baseline: bool = True,
    given_file: Path | None = None,
) -> Outcome:
    """Train a new run. Config and data are checked before its folder is created.

    Args:
        config: What to train.
        runs_dir: The folder of all runs.
        command: What the user typed, for the record.
        audience: Receives messages and progress.
        baseline: Whether to score a linear model beside a network on a file.
        given_file: The config's data file, where it was made for this run: moves into its folder.

    Raises:
        ConfigError, DataError: Nothing was written.
        RunFolderError: The folder cannot be written.
        NonFiniteStepError: Training diverged; the run is kept, with the step at which it did.
        TrainingError: Training diverged; the run is kept.
    """
    audience = audience or Audience()
    find_reporters(config.logging.reporters)
    training = assemble(config)
    record = _begin_record(training, command)
    with create_run_folder(runs_dir, config.name, dump_config(config), record) as folder:
        if given_file is not None:
            training = _keep_file(training, folder, given_file)
        # Only now, so that a refused run prints its one message and nothing else.
        preparation = training.preparation
        audience.tell(f"engine: {preparation.engine.name}, {preparation.engine.reason}")
        if (members := config.training.members) > 1:
            audience.tell(f"members: {members:,} networks, which predict together")
        for note in preparation.notes:
            audience.tell(note)
        if config.data.file is not None:
            path = shlex.quote(str(folder.config_path))
            check = f"check what else predicts the label: nlptrain data report {path}"
            audience.tell(f"{describe_majority(preparation.dataset)}; {check}")
        return carry_out(training, folder, audience, baseline=baseline)


def _keep_file(training: Training, folder: RunFolder, given: Path) -> Training:
    """Move the strings into the run's folder, and let its config and its record name them there."""
    kept = folder.path.resolve() / given.name
    with writing(kept):
        shutil.move(given, kept)
    config = training.config
    file = config.data.file
    assert file is not None  # noqa: S101 - the config was made for it
    data = config.data.model_copy(update={"file": file.model_copy(update={"path": str(kept)})})
    config = config.model_copy(update={"data": data})
    folder.write_config(dump_config(config))
    record = folder.read_record()
    folder.write_record(replace(record, config=config.model_dump(mode="json")))
    return replace(training, config=config)


def _begin_record(training: Training, command: str) -> RunRecord:
    config, preparation = training.config, training.preparation
    vectors = config.model.embedding.vectors
    return RunRecord(
        name=config.name,
        status="running",
        command=command,
        started=now(),
        seed=config.seed,
        encoder=config.model.label,
        optimizer=config.optimizer.type,
        data_fingerprint=preparation.dataset.fingerprint,
        versions=installed_versions() | describe_machine(config, preparation),
        examples=preparation.dataset.sizes,
        vectors_fingerprint=fingerprint_vectors(Path(vectors)) if vectors else None,
        config=config.model_dump(mode="json"),
    )
