"""Scores of a trained network on a split of its run, or on any labelled file."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from nlptrain.config.data import DataFile
from nlptrain.config.load import load_config
from nlptrain.config.text import TextSection
from nlptrain.datasets.build import build_dataset, explain_difference
from nlptrain.datasets.labelled_rows import LabelledRows, read_labelled_rows
from nlptrain.errors import DataError, RunFolderError
from nlptrain.evaluation.by_length import LengthScore, score_examples_by_length
from nlptrain.evaluation.calibration import Reliability, measure_reliability
from nlptrain.evaluation.decision import apply_temperature
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.files.model_file import ModelFile
from nlptrain.inference.model import Model, load
from nlptrain.reporting.literal import list_some
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.search import find_run

Column = int | str
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
        calibrates: Whether the run's config fits a temperature.
    """

    model: Model
    examples: str
    scores: Scores
    reliability: Reliability
    uncalibrated: Reliability
    by_length: list[LengthScore] = field(default_factory=list)
    calibrates: bool = False

    def to_json(self) -> dict[str, Any]:
        """Convert the scores to plain values."""
        by_length = [row.to_json() for row in self.by_length]
        return {
            **self.scores.to_json(self.model.file.labels),
            "expected_calibration_error": self.reliability.error,
            "threshold": self.model.file.threshold,
            "temperature": self.model.file.temperature,
            **({"by_length": by_length} if by_length else {}),
        }


@dataclass(frozen=True)
class LabelledFile:
    """A file to score a network on.

    Attributes:
        path: CSV, TSV, JSONL, JSON, Parquet, Excel or OpenDocument.
        text: The column of the strings; None: the one that the network was trained on.
        label: The column of the labels; None: likewise.
        delimiter: What separates columns; None: by the file's ending.
        encoding: The text encoding, by its Python name.
        sheet: The sheet of a spreadsheet; None: the only one with cells.
    """

    path: Path
    text: Column | None = None
    label: Column | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    sheet: str | None = None


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
    found = _score(model, f"{split} split", logits, examples.classes)
    by_length = []
    if split == "test" and (other := dataset.other_lengths) is not None:
        all_logits = np.concatenate([logits, _compute_logits(model, other.texts)])
        calibrated = apply_temperature(all_logits, model.file.temperature)
        by_length = score_examples_by_length(
            calibrated, [examples, other], dataset.train, model.file.threshold
        )
    calibrates = config.training.calibration != "none"
    return replace(found, by_length=by_length, calibrates=calibrates)


def evaluate_file(run: str | None, runs_dir: Path, file: LabelledFile) -> Evaluation:
    """Score a network on a labelled file; every row counts.

    Args:
        run: A run's folder, name or model file; None: the newest finished run.
        runs_dir: Where runs live.
        file: The labelled strings.

    Raises:
        RunFolderError: There is no such run, or it has no model.
        DataError: The file cannot be read, or has labels that the network does not know.
    """
    model = load(run, runs_dir=runs_dir)
    rows = _read(model.file, file)
    indices = {label: index for index, label in enumerate(model.file.labels)}
    foreign = sorted(set(rows.labels) - indices.keys())
    if foreign:
        raise DataError(
            f"{file.path}: the network does not know the label {foreign[0]!r}; "
            f"it knows {list_some([repr(label) for label in model.file.labels])}"
        )
    classes = np.array([indices[label] for label in rows.labels], np.int64)
    return _score(model, str(file.path), _compute_logits(model, rows.texts), classes)


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


def _read(model: ModelFile, file: LabelledFile) -> LabelledRows:
    """Read the rows as the network's own were read; a bad one would make the scores untrue."""
    section = TextSection.model_validate(
        {"unicode": model.text.unicode, "lowercase": model.text.lowercase}
    )
    rows = read_labelled_rows(str(file.path), _describe(model, file), section)
    if rows.bad.number:
        listed = "\n  ".join([*rows.named, *filter(None, [rows.fault])])
        raise DataError(f"{file.path}: mend its bad rows, {rows.bad.number:,} in all:\n  {listed}")
    return rows


def _describe(model: ModelFile, file: LabelledFile) -> DataFile:
    """Describe how to read the file, in the words of a config."""
    try:
        return DataFile(
            path=str(file.path),
            text=model.columns[0] if file.text is None else file.text,
            label=model.columns[1] if file.label is None else file.label,
            delimiter=file.delimiter,
            encoding=file.encoding,
            sheet=file.sheet,
            strip=model.text.strip,
        )
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"{part}: " for part in first["loc"])
        raise DataError(f"{file.path}: {place}{first['msg']}") from error


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
