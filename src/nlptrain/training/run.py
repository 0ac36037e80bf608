"""A new run: check its config, build its data, create its folder, and train."""

import shlex
from pathlib import Path

from nlptrain.config.dump import dump_config
from nlptrain.config.run import RunConfig
from nlptrain.evaluation.data_report import describe_majority
from nlptrain.reporting.audience import Audience
from nlptrain.runs.folder import create_run_folder, now
from nlptrain.runs.record import RunRecord
from nlptrain.text.vectors import fingerprint_vectors
from nlptrain.training.assembly import Training, assemble
from nlptrain.training.carry_out import Outcome, carry_out
from nlptrain.training.machine import describe_machine, installed_versions


def start(
    config: RunConfig,
    *,
    runs_dir: Path,
    command: str,
    audience: Audience | None = None,
    baseline: bool = True,
) -> Outcome:
    """Train a new run. Config and data are checked before its folder is created.

    Raises:
        ConfigError, DataError: Nothing was written.
        RunFolderError: The folder cannot be written.
        NonFiniteStepError: Training diverged; the run is kept, with the step at which it did.
        TrainingError: Training diverged; the run is kept.
    """
    audience = audience or Audience()
    training = assemble(config)
    record = _begin_record(training, command)
    with create_run_folder(runs_dir, config.name, dump_config(config), record) as folder:
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
