"""Scores of a trained network on a split of its run, or on any labelled file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.load import load_config
from nlptrain.datasets.build import build_dataset, explain_difference
from nlptrain.errors import DataError, RunFolderError
from nlptrain.evaluation.by_length import LengthScore, score_examples_by_length
from nlptrain.evaluation.calibration import Reliability, measure_reliability
from nlptrain.evaluation.decision import apply_temperature
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.inference.labelled_file import LabelledFile
from nlptrain.inference.model import Model, load
from nlptrain.inference.scored_file import ScoredFile
from nlptrain.inference.scored_shards import score_file
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.search import find_run
from nlptrain.workers.execution import Workers

Floats = NDArray[np.floating]

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores, and of what.

    Attributes:
        model: The network.
        examples: The split or the file that it was scored on.
        scores: How good it is there.
        reliability: Its stated probabilities beside what came true.
        uncalibrated: The same without the temperature.
        by_length: Accuracy by length; empty where it is not wanted.
        calibrates: Whether the run's config fits a temperature or weights of heads.
        file: What else was found in a file; None for a split. The scores are those of the rows
            whose label the network knows.
    """

    model: Model
    examples: str
    scores: Scores
    reliability: Reliability
    uncalibrated: Reliability
    by_length: list[LengthScore] = field(default_factory=list)
    calibrates: bool = False
    file: ScoredFile | None = None

    @property
    def accuracy(self) -> float:
        """Share of all rows whose class is right: those of an unknown label are wrong."""
        rows = self.scores.examples if self.file is None else self.file.rows
        return self.scores.accuracy * self.scores.examples / rows

    def to_json(self) -> dict[str, Any]:
        """Convert the scores to plain values."""
        by_length = [row.to_json() for row in self.by_length]
        return {
            **self.scores.to_json(self.model.file.labels),
            "expected_calibration_error": self.reliability.error,
            "threshold": self.model.file.threshold,
            "temperature": self.model.file.temperature,
            **({"scored_model": "refitted"} if self.model.file.refitted else {}),
            **({"by_length": by_length} if by_length else {}),
            **(self._file_to_json(self.file) if self.file is not None else {}),
        }

    def _file_to_json(self, file: ScoredFile) -> dict[str, Any]:
        """Convert what only a file has; with unknown labels both accuracies."""
        found: dict[str, Any] = {}
        if file.unknown:
            found = {"accuracy": self.accuracy, "accuracy_of_known_labels": self.scores.accuracy}
            found["unknown_labels"] = dict(file.unknown.most_common())
        if file.bad.number:
            found["bad_rows"] = file.bad.number
        if file.mistakes:
            found["mistakes"] = [asdict(mistake) for mistake in file.mistakes]
        return found


def evaluate_split(run: str | None, runs_dir: Path, split: str) -> Evaluation:
    """Score a run's network on one of its own splits, built anew from its config.

    Args:
        run: A run's folder, name or model file; None: the newest finished run.
        runs_dir: Where runs live.
        split: train, validation or test.

    Raises:
        RunFolderError: There is no such run, or it has no model.
        DataError: The data is no longer what the run was trained on, or there is no such split.
    """
    if split not in SPLITS:
        raise DataError(f"split: {split!r} is not one of {', '.join(SPLITS)}")
    folder = _find_run_of(run, runs_dir)
    model = load(folder.path)
    config = load_config(folder.config_path).config
    dataset = build_dataset(config.data, config.text, seed=config.seed)
    if dataset.fingerprint != (began := folder.read_record().data_fingerprint):
        reason = explain_difference(config.data, config.text, seed=config.seed, fingerprint=began)
        raise DataError(
            f"{folder.path}: {reason or 'its data has changed since, so its splits are lost'}; "
            "evaluate a labelled file instead: --file FILE"
        )
    examples = dataset.splits[split]
    logits = _compute_logits(model, examples.texts)
    seen = model.file.refitted and split == "validation"
    what = f"{split} split{', which the refitted model was trained on' if seen else ''}"
    if split == "train" and dataset.stream is not None:
        what += f" (a sample of its {len(dataset.stream):,} strings)"
    found = _score(model, what, logits, examples.classes)
    by_length = []
    if split == "test" and (other := dataset.other_lengths) is not None:
        all_logits = np.concatenate([logits, _compute_logits(model, other.texts)])
        learnt = dataset.join_validation() if model.file.refitted else dataset
        calibrated = apply_temperature(all_logits, model.file.temperature)
        by_length = score_examples_by_length(
            calibrated, [examples, other], learnt.train, model.file.threshold
        )
    calibrates = config.training.calibration != "none"
    return replace(found, by_length=by_length, calibrates=calibrates)


def evaluate_file(
    run: str | None,
    runs_dir: Path,
    file: LabelledFile,
    *,
    output: Path | None = None,
    mistakes: int = 0,
    workers: Workers | None = None,
) -> Evaluation:
    """Score a network on a labelled file, or on all shards of a folder or a pattern.

    Every row counts.

    Args:
        run: A run's folder, name or model file; None: the newest finished run.
        runs_dir: Where runs live.
        file: The labelled strings.
        output: Where each row goes with its prediction and the rank of its class, of shards a
            folder; None: nowhere.
        mistakes: How many of the most confident mistakes to keep.
        workers: Where shards are computed; None: in this process.

    Raises:
        RunFolderError: There is no such run, or it has no model.
        DataError: The file cannot be read, or has no labels that the network knows.
        TrainingError: Processes die again and again.
    """
    model = load(run, runs_dir=runs_dir)
    renamed = _find_renamed_labels(RunFolder(model.path.parent))
    found = score_file(model, file, renamed, output=output, mistakes=mistakes, workers=workers)
    return replace(_score(model, str(file.path), found.logits, found.classes), file=found)


def _find_renamed_labels(folder: RunFolder) -> dict[str, str]:
    """Find what labels a run renamed in training; none where the model file stands alone."""
    if not folder.config_path.is_file():
        return {}
    file = load_config(folder.config_path).config.data.file
    return {} if file is None else file.labels


def _find_run_of(run: str | None, runs_dir: Path) -> RunFolder:
    """Find a run, also from its model file."""
    if run is None or Path(run).suffix != ".safetensors":
        return find_run(run, runs_dir)
    folder = RunFolder(Path(run).parent)
    if not folder.record_path.is_file():
        raise RunFolderError(
            f"{run}: a model file alone has no splits; evaluate a labelled file: --file FILE"
        )
    return folder


def _compute_logits(model: Model, texts: Sequence[str]) -> Floats:
    return model.logits(model.file.text.encode_normalized(texts))


def _score(model: Model, examples: str, logits: Floats, classes: NDArray[np.int64]) -> Evaluation:
    """Score logits that the temperature has not touched yet."""
    file = model.file
    calibrated = apply_temperature(logits, file.temperature)
    return Evaluation(
        model,
        examples,
        score(calibrated, classes, file.loss, file.threshold),
        measure_reliability(calibrated, classes),
        measure_reliability(logits, classes),
    )
