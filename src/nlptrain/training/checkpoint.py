"""The file from which a training goes on, bit for bit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from nlptrain.config.optimizer import Optimizer
from nlptrain.errors import RunFolderError
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.storage import Arrays, check_format, load_arrays, save_arrays
from nlptrain.training.loop import Progress

FORMAT_VERSION = 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A moment of a training. It holds no clock time: equal trainings give equal bytes.

    Attributes:
        state: The learner's state.
        progress: Where the loop stands.
        metrics_offset: Bytes of metrics.jsonl that belong to the past.
        architecture: The network that the state belongs to.
        optimizer: The optimizer that it belongs to: `optimizer_settings`.
    """

    state: Arrays
    progress: Progress
    metrics_offset: int
    architecture: Architecture
    optimizer: Mapping[str, Any]

    def save(self, path: Path) -> None:
        """Write the file, atomically."""
        metadata = {
            "format": "checkpoint",
            "format_version": FORMAT_VERSION,
            "progress": asdict(self.progress),
            "metrics_offset": self.metrics_offset,
            "architecture": self.architecture.to_json(),
            "optimizer": dict(self.optimizer),
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
            raise RunFolderError(f"{path}: not a checkpoint")
        check_format(path, "checkpoint", metadata.get("format_version"), FORMAT_VERSION)
        try:
            # A checkpoint of the time before steps could be skipped counts none.
            values = {"skipped": 0, "skipped_in_a_row": 0, **metadata["progress"]}
            progress = Progress(**{entry.name: values[entry.name] for entry in fields(Progress)})
            return cls(
                state=state,
                progress=progress,
                metrics_offset=int(metadata["metrics_offset"]),
                architecture=Architecture.from_json(metadata["architecture"]),
                optimizer=dict(metadata["optimizer"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise RunFolderError(f"{path}: damaged: {type(error).__name__}: {error}") from error


def optimizer_settings(section: Optimizer) -> dict[str, Any]:
    """List what an optimizer's state depends on: all its settings but the learning rate."""
    return section.model_dump(mode="json", exclude={"learning_rate"})
