"""Resuming a run from its last checkpoint, for the length in its config or longer."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from nlptrain.config.dump import dump_config
from nlptrain.config.load import load_config
from nlptrain.config.run import RunConfig
from nlptrain.errors import RunFolderError
from nlptrain.reporting.audience import Audience
from nlptrain.reporting.metrics_file import check_length
from nlptrain.reporting.plugins import find_reporters
from nlptrain.runs.folder import RunFolder, now
from nlptrain.runs.record import RunRecord
from nlptrain.training.assembly import assemble
from nlptrain.training.carry_out import carry_out
from nlptrain.training.checkpoint import Checkpoint
from nlptrain.training.distributed.launch import count_processes
from nlptrain.training.engine import recorded_engine
from nlptrain.training.machine import installed_versions
from nlptrain.training.outcome import Outcome
from nlptrain.training.plan import Plan, build_plan, out_of_patience
from nlptrain.training.preparation import Preparation
from nlptrain.training.same_run import ResumeRequest, changes_length, check_same_run, may_change
from nlptrain.training.schedule import build_schedule


class NothingToResumeError(RunFolderError):
    """A run that is finished and is not to be trained longer."""


def resume(
    folder: RunFolder,
    *,
    overrides: Sequence[str] = (),
    command: str = "",
    audience: Audience | None = None,
    baseline: bool = True,
) -> Outcome:
    """Resume a run that was killed, interrupted or failed, or train a finished one longer.

    A run without a checkpoint starts over in its own folder.

    Args:
        folder: The run.
        overrides: Changed settings, each as `key.path=value`, of those that may change.
        command: What the user typed, for the record.
        audience: Receives messages and progress.
        baseline: Whether to score a linear model beside a network on the user's own file.

    Raises:
        NothingToResumeError: It is finished, and is not to be trained longer.
        RunFolderError: It would not be the same run, a file is damaged, or it is being trained.
        ConfigError, DataError: The config or the data cannot be read.
        TrainingError: Training diverged.
    """
    audience = audience or Audience()
    with folder.lock():
        request = _read_request(folder, overrides)
        _check_wanted(request)
        preparation = check_same_run(request)
        find_reporters(request.config.logging.reporters)
        config, versions = request.config, request.record.versions
        engine = recorded_engine(config, preparation.architecture, versions)
        preparation = replace(preparation, engine=engine)
        _check_unfinished(request, build_plan(request.config, preparation))
        _check_checkpoint(request)
        training = assemble(request.config, preparation, request.checkpoint)
        for sentence in _describe(request, training.plan):
            audience.tell(sentence)
        _accept(request, preparation, command)
        return carry_out(training, folder, audience, baseline=baseline)


def _read_request(folder: RunFolder, overrides: Sequence[str]) -> ResumeRequest:
    record = folder.read_record()
    return ResumeRequest(
        folder=folder,
        record=record,
        previous=_read_config(folder, record),
        config=load_config(folder.config_path, overrides).config,
        overrides=overrides,
        checkpoint=(
            Checkpoint.load(folder.checkpoint_path) if folder.checkpoint_path.is_file() else None
        ),
    )


def _read_config(folder: RunFolder, record: RunRecord) -> RunConfig:
    """Read the config that the run has used so far."""
    if record.config is None:
        # Runs of 0.1.0 have it only in config.yaml.
        return load_config(folder.config_path).config
    try:
        return RunConfig.model_validate(record.config)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RunFolderError(
            f"{folder.record_path}: damaged: its config has no valid {where}: {first['msg']}"
        ) from error


def _check_wanted(request: ResumeRequest) -> None:
    """Refuse a finished run that is not to be trained longer, before its data is read."""
    changes = request.changes
    if request.record.status != "finished":
        return
    if request.checkpoint is None and changes:
        raise RunFolderError(
            f"{request.folder.path}: finished, but has no checkpoint to resume from; "
            f"train again: nlptrain train {request.config_arguments}"
        )
    if not any(changes_length(change.path) or not may_change(change) for change in changes):
        raise NothingToResumeError(
            f"{request.folder.path}: finished; nothing to resume{_suggest_more(request)}"
        )


def _check_unfinished(request: ResumeRequest, plan: Plan) -> None:
    progress = request.progress
    is_over = progress.step >= plan.total_steps
    if request.record.status != "finished" or not (is_over or out_of_patience(plan, progress)):
        return
    why = (
        f"has completed its {plan.total_steps:,} steps"
        if is_over
        else f"stopped after step {progress.step:,} by training.patience {plan.patience}"
    )
    raise NothingToResumeError(
        f"{request.folder.path}: finished; nothing to resume: it {why}{_suggest_more(request)}"
    )


def _suggest_more(request: ResumeRequest) -> str:
    training, progress = request.config.training, request.progress
    strings = request.record.examples.get("train")
    if request.checkpoint is None or request.checkpoint.first or strings is None:
        return ""
    settings = []
    steps_per_epoch = -(-strings // training.batch_size)
    total_steps = training.steps or training.epochs * steps_per_epoch
    if progress.step >= total_steps:
        rates = [
            build_schedule(training.schedule, total_steps=total, steps_per_epoch=steps_per_epoch)(
                progress.step - 1
            )
            for total in (total_steps, 2 * total_steps)
        ]
        if rates[0] != rates[1]:
            return ""
        name = "steps" if training.steps else "epochs"
        settings.append(f"training.{name}={2 * getattr(training, name)}")
    if training.patience is not None and progress.evaluations_since_best >= training.patience:
        settings.append(f"training.patience={2 * training.patience}")
    options = "".join(f" --set {setting}" for setting in settings)
    run = shlex.quote(str(request.folder.path))
    return f"; to train it longer: nlptrain resume {run}{options}" if settings else ""


def _check_checkpoint(request: ResumeRequest) -> None:
    if request.checkpoint is None:
        return
    try:
        request.checkpoint.check_state(request.config.model)
    except ValueError as error:
        raise RunFolderError(
            f"{request.folder.checkpoint_path}: damaged: {error}; restore it, or train again: "
            f"nlptrain train {request.config_arguments}"
        ) from error
    check_length(request.folder.metrics_path, request.checkpoint.metrics_offset)


def _describe(request: ResumeRequest, plan: Plan) -> list[str]:
    path, progress = request.folder.path, request.progress
    if request.checkpoint is None:
        return [f"{path}: has no checkpoint yet; starting over"]
    refit = request.checkpoint.first is not None
    step, phase = request.checkpoint.progress.step, " of the refit" if refit else ""
    sentences = [f"{path}: resuming after step {step:,}{phase}"]
    sentences += [change.describe_change() for change in request.changes]
    was_evaluated = not refit and progress.evaluated_step == progress.step > 0
    if was_evaluated and not plan.evaluates_after(progress.step):
        sentences.append(
            f"the evaluation after step {progress.step:,}, which ended the run, is kept; "
            f"a run of {plan.total_steps:,} steps from the start would not have it"
        )
    before, versions = request.record.versions, installed_versions()
    # A new Python or kernel does not change the arithmetic.
    sentences += [
        f"{name} was {before[name]} so far and is now {versions[name]}: the last digits may differ"
        for name in ("nlptrain", "numpy", "torch")
        if name in before and name in versions and before[name] != versions[name]
    ]
    if (processes := _list_processes(request.record)) != before.get("processes", "1"):
        sentences.append(f"processes so far and now: {processes}: the last digits may differ")
    return sentences


def _list_processes(record: RunRecord) -> str:
    """List how many processes have computed the run, one after the other, and now."""
    before, now = record.versions.get("processes", "1"), str(count_processes())
    return before if before.split(", ")[-1] == now else f"{before}, {now}"


def _accept(request: ResumeRequest, preparation: Preparation, command: str) -> None:
    """Record that the run resumes, and with which changes."""
    folder, record, config = request.folder, request.record, request.config
    extensions = record.extensions
    if request.changes:
        # The file first: if killed in between, the next resume still finds the change.
        folder.write_config(dump_config(config))
        extensions = [*extensions, _describe_extension(request, command)]
    folder.write_record(
        replace(
            record,
            status="running",
            ended=None,
            error=None,
            score=None,
            examples=preparation.dataset.sizes,
            config=config.model_dump(mode="json"),
            extensions=extensions,
            versions=record.versions | {"processes": _list_processes(record)},
        )
    )
    # They may belong to another best model.
    folder.remove_results()


def _describe_extension(request: ResumeRequest, command: str) -> dict[str, Any]:
    return {
        "when": now(),
        "command": command,
        "after_step": request.progress.step,
        "score": request.record.score,
        "changes": {
            change.path: {"from": change.before, "to": change.after} for change in request.changes
        },
    }
