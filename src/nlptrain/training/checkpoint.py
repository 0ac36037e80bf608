"""The file from which training resumes, bit for bit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from nlptrain.config.model import ModelSection
from nlptrain.config.optimizer import Optimizer
from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import Arrays, check_arrays, load_arrays, save_arrays
from nlptrain.files.json_types import check_types, shorten_value
from nlptrain.files.storage import check_format
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.layer import Shape
from nlptrain.numpy_nn.members import stack_shapes
from nlptrain.numpy_nn.optimizers import list_state_shapes
from nlptrain.training.learner import OPTIMIZER_PREFIX
from nlptrain.training.plan import Progress

FORMAT_VERSION = 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of training at one step. Without clock times, so equal runs give equal bytes.

    Attributes:
        state: The learner's state.
        progress: Of the loop.
        metrics_offset: Bytes of metrics.jsonl written so far.
        architecture: The network that the state belongs to.
        optimizer: The optimizer that it belongs to, as `optimizer_settings` lists it.
        first: The progress of the finished first training, where this is a state of the second
            one that `training.refit` asks for.
        members: Networks that the state belongs to; of several, its arrays have a leading axis M.
    """

    state: Arrays
    progress: Progress
    metrics_offset: int
    architecture: Architecture
    optimizer: Mapping[str, Any]
    first: Progress | None = None
    members: int = 1

    def save(self, path: Path) -> None:
        """Write the file, atomically."""
        metadata = {
            "format": "checkpoint",
            "format_version": FORMAT_VERSION,
            "progress": asdict(self.progress),
            "metrics_offset": self.metrics_offset,
            "architecture": self.architecture.to_json(),
            "optimizer": dict(self.optimizer),
            **({"first": asdict(self.first)} if self.first else {}),
            **({"members": self.members} if self.members > 1 else {}),
        }
        save_arrays(path, self.state, metadata)

    @classmethod
    def load(cls, path: Path) -> "Checkpoint":
        """Read the file.

        Raises:
            RunFolderError: It is missing, damaged, foreign, or of another format.
        """
        state, metadata = load_arrays(path)
        if metadata.get("format") != "checkpoint":
            raise RunFolderError(f"{path}: not a checkpoint; restore it, or train again")
        check_format(path, "checkpoint", metadata.get("format_version"), FORMAT_VERSION)
        try:
            first = metadata.get("first")
            checkpoint = cls(
                state=state,
                progress=_read_progress(metadata["progress"]),
                metrics_offset=metadata["metrics_offset"],
                architecture=Architecture.from_json(metadata["architecture"]),
                optimizer=dict(metadata["optimizer"]),
                first=None if first is None else _read_progress(first),
                members=metadata.get("members", 1),
            )
            checkpoint._check_values()
            return checkpoint
        except (KeyError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error!s:.200}"
            raise RunFolderError(
                f"{path}: damaged: {reason}; restore it, or train again"
            ) from error

    def check_state(self, model: ModelSection, *, finite: bool = True) -> None:
        """Refuse a state whose arrays do not fit its network and optimizer, or are not finite.

        A frozen embedding has no optimizer state; n-grams may have that of another optimizer.

        Args:
            model: Settings of the network.
            finite: Whether its numbers have to be finite.

        Raises:
            ValueError: It names the first array at fault.
        """
        network = self.architecture.parameter_shapes()
        constants = self.architecture.constant_shapes()
        expected = network | self.architecture.buffer_shapes() | constants
        if self.progress.step > self.progress.skipped:
            state = self._optimizer_shapes(model)
            expected |= {f"{OPTIMIZER_PREFIX}.{key}": shape for key, shape in state.items()}
        shapes = stack_shapes(expected, self.members)
        check_arrays(self.state, shapes, finite=finite, whole=constants)

    def _optimizer_shapes(self, model: ModelSection) -> dict[str, Shape]:
        network = self.architecture
        trained = network.trained_shapes(embedding_frozen=model.embedding.frozen)
        table = next(iter(model.tables.values()), None)
        rows = None if table is None else table.optimizer_section
        tables = {} if rows is None else {name: trained.pop(name) for name in network.tables}
        shapes = list_state_shapes(self.optimizer, trained, network.hidden_matrices())
        if rows is None:
            return shapes
        return shapes | list_state_shapes(optimizer_settings(rows), tables, {})

    def _check_values(self) -> None:
        """Refuse numbers that training can never reach, with a ValueError that names the first."""
        _check_progress(self.progress)
        if self.first is not None:
            _check_progress(self.first)
        if type(self.metrics_offset) is not int or self.metrics_offset < 0:
            raise ValueError(f"metrics_offset is {shorten_value(self.metrics_offset)}")
        if type(self.members) is not int or self.members < 1:
            raise ValueError(f"members is {shorten_value(self.members)}")
        # Not of the network: a damaged one may claim billions of layers.
        list_state_shapes(self.optimizer, {"": (1,)}, {})


def _read_progress(found: Mapping[str, Any]) -> Progress:
    # Older checkpoints, from before steps could be skipped, have no such counts.
    values = {"skipped": 0, "skipped_in_a_row": 0, **found}
    return Progress(**{entry.name: values[entry.name] for entry in fields(Progress)})


def _check_progress(progress: Progress) -> None:
    check_types(progress)
    for name, number in asdict(progress).items():
        if type(number) is int and number >= 0:
            continue
        if name not in ("best", "loss_sum") or not np.isfinite(number).all():
            raise ValueError(f"{name} is {shorten_value(number)}")
    if len(progress.best) != len(Progress().best):
        raise ValueError(f"best is {shorten_value(progress.best)}")
    if not progress.best_step <= progress.evaluated_step <= progress.step:
        raise ValueError("its best, evaluated and last steps are out of order")


def optimizer_settings(section: Optimizer) -> dict[str, Any]:
    """List what an optimizer's state depends on: all settings except the learning rate."""
    return section.model_dump(mode="json", exclude={"learning_rate"})
