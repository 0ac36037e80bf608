"""Whether a run that goes on would still be the run that it was, and if not, why not."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlptrain.config.changes import SettingChange, compare_values, find_changes
from nlptrain.config.problems import join_choices
from nlptrain.config.run import RunConfig
from nlptrain.datasets.build import build_dataset
from nlptrain.datasets.examples import Dataset
from nlptrain.errors import DataError, RunFolderError
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.record import RunRecord
from nlptrain.training.checkpoint import Checkpoint, optimizer_settings
from nlptrain.training.plan import Plan, Progress, build_plan
from nlptrain.training.preparation import Preparation, prepare
from nlptrain.training.same_data import compare_data, compare_vectors
from nlptrain.training.schedule import list_independent_of_length

LENGTH = ("epochs", "steps", "patience")
"""How long a run trains, in `training`: may grow, where no step so far would have been another."""
CHECKPOINTS = ("training.checkpoint_every_steps", "training.checkpoint_every_seconds")
"""When a run is saved: like `logging`, no parameter depends on it."""
PLACES = (
    "data.file.path",
    "data.file.validation_path",
    "data.file.test_path",
    "model.embedding.vectors",
)
"""Where its files lie: what they hold is compared, as far as it still counts."""


@dataclass(frozen=True, eq=False)
class Request:
    """A run, and the config to resume it with.

    Attributes:
        folder: The run.
        record: Its record.
        began: The config that it went by so far.
        config: The one that is wanted: config.yaml as it is now, and --set.
        overrides: Each `--set`.
        checkpoint: Where it stands; None: nowhere yet.
    """

    folder: RunFolder
    record: RunRecord
    began: RunConfig
    config: RunConfig
    overrides: Sequence[str]
    checkpoint: Checkpoint | None

    @property
    def progress(self) -> Progress:
        """Where the training stands."""
        return self.checkpoint.progress if self.checkpoint else Progress()

    @property
    def changes(self) -> tuple[SettingChange, ...]:
        """Every setting that is wanted otherwise."""
        return find_changes(self.began, self.config)

    @property
    def config_arguments(self) -> str:
        """How a command would take the wanted config."""
        overrides = "".join(f" --set {shlex.quote(each)}" for each in self.overrides)
        return f"{shlex.quote(str(self.folder.config_path))}{overrides}"

    def error(self, reasons: Sequence[str]) -> RunFolderError:
        """Make one error of all reasons."""
        lines = "".join(f"\n  {reason}" for reason in reasons)
        return RunFolderError(
            f"{self.folder.path}: this would not be the same run:{lines}\n"
            f"undo that to go on, or train anew: "
            f"nlptrain train {self.config_arguments}"
        )


def may_change(change: SettingChange) -> bool:
    """Return whether a run may go on with this change, as far as the setting alone can tell."""
    path = change.path
    if path in PLACES:
        return change.before is not None and change.after is not None
    if path == "training.on_nonfinite":
        # So far every step was finite, or the run would have stopped there.
        return bool(change.before == "stop")
    return changes_length(path) or path in CHECKPOINTS or path.startswith("logging.")


def changes_length(path: str) -> bool:
    """Return whether a setting says how long a run trains."""
    section, _, name = path.partition(".")
    return section == "training" and name in LENGTH


def check_same_run(request: Request) -> Preparation:
    """Prepare the training that goes on, or say every reason why it would be another.

    Raises:
        RunFolderError: A setting, the data, the network or the steps so far are not the same.
        DataError: The data cannot be read or drawn.
    """
    refused = [change for change in request.changes if not may_change(change)]
    reasons = [
        *(change.describe() for change in refused),
        *_compare_patience(request),
    ]
    if request.checkpoint is None:
        # A checkpoint has what became of the vectors.
        reasons += compare_vectors(request.record, request.config)
    # Of what is refused only files that moved are taken over: the rest still fits the data.
    moved = request.began.model_copy(update={"data": request.config.data})
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
    request: Request, basis: RunConfig, refused: Sequence[SettingChange]
) -> Dataset | None:
    """Build the data of the run; None where other data is wanted, or none can be had as well."""
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
            f"{error}; if it lies elsewhere now: nlptrain resume {run} --set {setting}=FILE"
        ) from error


def _find_missing_file(config: RunConfig) -> str | None:
    """Find the setting of the first data file that is not there."""
    for name in ("path", "validation_path", "test_path"):
        path = getattr(config.data.file, name, None)
        if path is not None and not Path(path).exists():
            return f"data.file.{name}"
    return None


def _compare_checkpoint(request: Request, preparation: Preparation) -> Iterator[str]:
    """Describe how the network and the optimizer are not the checkpoint's.

    Records of 0.1.0 have no config to compare with, and a checkpoint may be of another run.
    """
    checkpoint = request.checkpoint
    if checkpoint is None:
        return
    networks = checkpoint.architecture.to_json(), preparation.architecture.to_json()
    yield from (each.describe() for each in compare_values(*networks, "network"))
    optimizer = optimizer_settings(request.began.optimizer)
    for change in compare_values(dict(checkpoint.optimizer), optimizer, "optimizer"):
        # Settings that the checkpoint does not know are newer than it.
        if change.path.removeprefix("optimizer.") in checkpoint.optimizer:
            yield change.describe()


def _compare_steps(request: Request, preparation: Preparation) -> Iterator[str]:
    """Explain why the steps so far would have been others with the wanted length."""
    began, wanted, progress = request.began, request.config.training, request.progress
    # Nothing but the length: what else is wanted is named already.
    lengths = began.training.model_copy(update={name: getattr(wanted, name) for name in LENGTH})
    before = build_plan(began, preparation)
    plan = build_plan(began.model_copy(update={"training": lengths}), preparation)
    length = "steps" if wanted.steps else "epochs"
    if plan.total_steps < progress.step:
        yield (
            f"training.{length}: ends after step {plan.total_steps:,}, "
            f"the run has made {progress.step:,}"
        )
    elif progress.step and _rate_of_last_step(before, progress) != _rate_of_last_step(
        plan, progress
    ):
        yield (
            f"training.{length}: training.schedule {began.training.schedule.type} depends "
            f"on it: the learning rate of step {progress.step:,} was "
            f"{_rate_of_last_step(before, progress):g} of {before.total_steps:,} steps, and is "
            f"{_rate_of_last_step(plan, progress):g} of {plan.total_steps:,}; "
            f"{join_choices(list_independent_of_length(), 'and')} do not depend on it"
        )


def _rate_of_last_step(plan: Plan, progress: Progress) -> float:
    return plan.learning_rate(progress.step - 1)


def _compare_patience(request: Request) -> Iterator[str]:
    """Report that the run could have stopped before; without a patience it stops last."""
    before, patience = (each.training.patience for each in (request.began, request.config))
    is_less = patience is not None and (before is None or patience < before)
    if is_less and request.progress.evaluated_step:
        yield (
            f"training.patience: {before or 'null'} in the run, {patience} wanted; it may only grow"
        )
