"""The file from which a training goes on, bit for bit."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from nlptrain.errors import RunFolderError
from nlptrain.storage import Arrays, load_arrays, save_arrays
from nlptrain.training.loop import Progress

FORMAT_VERSION = 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A moment of a training. It holds no clock time: equal trainings give equal bytes.

    Attributes:
        state: The learner's state.
        progress: Where the loop stands.
        metrics_offset: Bytes of metrics.jsonl that belong to the past.
    """

    state: Arrays
    progress: Progress
    metrics_offset: int

    def save(self, path: Path) -> None:
        """Write the file, atomically."""
        metadata = {
            "format": "checkpoint",
            "format_version": FORMAT_VERSION,
            "progress": asdict(self.progress),
            "metrics_offset": self.metrics_offset,
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
        if metadata.get("format_version") != FORMAT_VERSION:
            raise RunFolderError(
                f"{path}: checkpoint format {metadata.get('format_version')}; "
                f"this nlptrain reads {FORMAT_VERSION}"
            )
        try:
            values = metadata["progress"]
            progress = Progress(**{entry.name: values[entry.name] for entry in fields(Progress)})
            return cls(state, progress, int(metadata["metrics_offset"]))
        except (KeyError, TypeError, ValueError) as error:
            raise RunFolderError(f"{path}: damaged: {type(error).__name__}: {error}") from error
