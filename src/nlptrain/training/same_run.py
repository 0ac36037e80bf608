"""Whether a resumed run would still be the same run, and if not, why."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlptrain.config.changes import SettingChange, compare_values, find_changes
from nlptrain.config.problems import join_choices
from nlptrain.config.run import RunConfig
from nlptrain.datasets.build import build_dataset
from nlptrain.datasets.examples import Dataset
from nlptrain.datasets.shards import is_sharded
from nlptrain.errors import DataError, RunFolderError
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.record import RunRecord
from nlptrain.training.checkpoint import Checkpoint, optimizer_settings
from nlptrain.training.plan import Progress, build_plan
from nlptrain.training.preparation import Preparation, prepare
from nlptrain.training.same_data import compare_data, compare_vectors
from nlptrain.training.schedule import list_independent_of_length

LENGTH = ("epochs", "steps", "patience")
"""How long a run trains, in `training`: may grow if that changes none of the steps so far."""
CHECKPOINTS = ("training.checkpoint_every_steps", "training.checkpoint_every_seconds")
"""When a run is saved; as with `logging`, no parameter depends on it."""
FILE_PATHS = (
    "data.file.path",
    "data.file.validation_path",
    "data.file.test_path",
    "model.embedding.vectors",
)
"""Where the run's files are: their contents are compared instead, if they still matter."""


@dataclass(frozen=True, eq=False)
class ResumeRequest:
    """A run, and the config to resume it with.

    Attributes:
        folder: The run.
        record: Its record.
        previous: The config that it has used so far.
        config: The requested config: config.yaml as it is now, with --set.
        overrides: Each `--set`.
        checkpoint: Where to resume; None to start over.
    """

    folder: RunFolder
    record: RunRecord
    previous: RunConfig
    config: RunConfig
    overrides: Sequence[str]
    checkpoint: Checkpoint | None

    @property
    def progress(self) -> Progress:
        """The progress so far; once the refit has begun, that of the first training."""
        if self.checkpoint is None:
            return Progress()
        return self.checkpoint.first or self.checkpoint.progress

    @property
    def changes(self) -> tuple[SettingChange, ...]:
        """Every setting that would change."""
        return find_changes(self.previous, self.config)

    @property
    def config_arguments(self) -> str:
        """The requested config as arguments of a command."""
        overrides = "".join(f" --set {shlex.quote(each)}" for each in self.overrides)
        return f"{shlex.quote(str(self.folder.config_path))}{overrides}"

    def error(self, reasons: Sequence[str]) -> RunFolderError:
        """Combine all reasons in one error."""
        lines = "".join(f"\n  {reason}" for reason in reasons)
        return RunFolderError(
            f"{self.folder.path}: this would not be the same run:{lines}\n"
            f"undo these changes to resume, or train again: "
            f"nlptrain train {self.config_arguments}"
        )


def may_change(change: SettingChange) -> bool:
    """Return whether a run may resume with this change, judging only by the setting."""
    path = change.path
    if path in FILE_PATHS:
        return change.before is not None and change.after is not None
    if path == "training.on_nonfinite":
        # All steps so far were finite, or the run would have stopped.
        return bool(change.before == "stop")
    return changes_length(path) or path in CHECKPOINTS or path.startswith("logging.")


def changes_length(path: str) -> bool:
    """Return whether a setting determines how long a run trains."""
    section, _, name = path.partition(".")
    return section == "training" and name in LENGTH


def check_same_run(request: ResumeRequest) -> Preparation:
    """Prepare the resumed training, or list every reason why it would not be the same run.

    Raises:
        RunFolderError: A setting, the data, the network or the steps so far would differ.
        DataError: The data cannot be read or drawn.
    """
    refused = [change for change in request.changes if not may_change(change)]
    checkpoint = request.checkpoint
    reasons = [
        *(change.describe() for change in refused),
        *_compare_patience(request),
        *_compare_refit(request),
    ]
    refit_begins = request.config.training.refit and not (checkpoint and checkpoint.first)
    if checkpoint is None or refit_begins:
        # Otherwise the checkpoint has the trained vectors.
        reasons += compare_vectors(request.record, request.config)
    # After a refusal, adopt only the paths of moved files: the other settings still fit the data.
    moved = request.previous.model_copy(update={"data": request.config.data})
    basis = moved if refused else request.config
    dataset = _build_dataset(request, basis, refused)
    preparation = None
    if dataset is not None:
        changed = list(compare_data(request.folder, request.record, basis, dataset))
        reasons += changed
        if not changed:
            preparation = prepare(basis, dataset)
            reasons += _compare_checkpoint(request, preparation)
            reasons += _compare_steps(request, preparation)
    if reasons or preparation is None:
        raise request.error(reasons)
    return preparation


def _build_dataset(
    request: ResumeRequest, basis: RunConfig, refused: Sequence[SettingChange]
) -> Dataset | None:
    """Build the data of the run; None if its change is refused, or it fails after a refusal."""
    if any(change.path.startswith("data.") for change in refused):
        return None
    try:
        return build_dataset(basis.data, basis.text, seed=basis.seed)
    except DataError as error:
        if refused:
            return None
        if (setting := _find_missing_file(basis)) is None:
            raise
        run = shlex.quote(str(request.folder.path))
        raise DataError(
            f"{error}; if it has moved: nlptrain resume {run} --set {setting}=FILE"
        ) from error


def _find_missing_file(config: RunConfig) -> str | None:
    for name in ("path", "validation_path", "test_path"):
        path = getattr(config.data.file, name, None)
        if path is not None and not is_sharded(Path(path)) and not Path(path).exists():
            return f"data.file.{name}"
    return None


def _compare_checkpoint(request: ResumeRequest, preparation: Preparation) -> Iterator[str]:
    """Describe how the network and the optimizer differ from the checkpoint's.

    Records of 0.1.0 have no config to compare, and a checkpoint may belong to another run.
    """
    checkpoint = request.checkpoint
    if checkpoint is None:
        return
    networks = checkpoint.architecture.to_json(), preparation.architecture.to_json()
    yield from (each.describe() for each in compare_values(*networks, "network"))
    members = checkpoint.members, request.previous.training.members
    yield from (each.describe() for each in compare_values(*members, "training.members"))
    optimizer = optimizer_settings(request.previous.optimizer)
    for change in compare_values(dict(checkpoint.optimizer), optimizer, "optimizer"):
        # Settings that the checkpoint lacks are newer than it.
        if change.path.removeprefix("optimizer.") in checkpoint.optimizer:
            yield change.describe()


def _compare_steps(request: ResumeRequest, preparation: Preparation) -> Iterator[str]:
    """Explain why the steps so far would have been different with the requested length."""
    previous, wanted, step = request.previous, request.config.training, request.progress.step
    # Only the length: other changes are reported elsewhere.
    lengths = previous.training.model_copy(update={name: getattr(wanted, name) for name in LENGTH})
    before = build_plan(previous, preparation)
    plan = build_plan(previous.model_copy(update={"training": lengths}), preparation)
    length = "steps" if wanted.steps else "epochs"
    if plan.total_steps < step:
        yield (
            f"training.{length}: ends after step {plan.total_steps:,}, "
            f"but the run has already made {step:,}"
        )
    elif step and (old := before.learning_rate(step - 1)) != (new := plan.learning_rate(step - 1)):
        yield (
            f"training.{length}: training.schedule {previous.training.schedule.type} depends on "
            f"it: the learning rate of step {step:,} was {old:g} of {before.total_steps:,} steps, "
            f"and would be {new:g} of {plan.total_steps:,}; "
            f"{join_choices(list_independent_of_length(), 'and')} do not depend on it"
        )


def _compare_patience(request: ResumeRequest) -> Iterator[str]:
    """Report if the run could have stopped earlier; without a patience it never does."""
    before, patience = (each.training.patience for each in (request.previous, request.config))
    is_less = patience is not None and (before is None or patience < before)
    if is_less and request.progress.evaluated_step:
        yield (
            f"training.patience: {before or 'null'} in the run, {patience} requested; "
            "it may only grow"
        )


def _compare_refit(request: ResumeRequest) -> Iterator[str]:
    """Report a first training that would be longer, although the second one has begun."""
    if request.checkpoint is None or (first := request.checkpoint.first) is None:
        return
    for change in request.changes:
        if changes_length(change.path):
            yield (
                f"{change.describe()}: training.refit has begun to train for as long as the best "
                f"of {first.step:,} steps, {first.best_step:,}, says; a longer first training may "
                "choose another"
            )
