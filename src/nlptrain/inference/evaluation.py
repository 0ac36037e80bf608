"""Scores of a trained network on a split of its run, or on any labelled file."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.data import DataFile
from nlptrain.config.load import load_config
from nlptrain.config.text import TextSection
from nlptrain.datasets.build import build_dataset
from nlptrain.datasets.labelled_rows import check_bad_rows, read_labelled_rows
from nlptrain.errors import DataError
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.inference.model import Model
from nlptrain.run_folder import RunFolder
from nlptrain.text.encoding import EncodedTexts


def evaluate_split(model: Model, folder: RunFolder, split: str) -> Scores:
    """Score a run's network on one of its own splits, built anew from its config.

    Args:
        model: The run's network.
        folder: The run.
        split: train, validation or test.

    Raises:
        DataError: The data is no longer what the run was trained on.
    """
    config = load_config(folder.config_path).config
    dataset = build_dataset(config.data, config.text, seed=config.seed)
    if dataset.fingerprint != folder.read_record().data_fingerprint:
        raise DataError(
            f"{folder.path}: its data has changed since, so its splits are lost; "
            "evaluate a labelled file instead: --file FILE"
        )
    examples = dataset.splits[split]
    encoded = model.file.text.encode_normalized(examples.texts)
    return _score(model, encoded, examples.classes)


def evaluate_file(model: Model, path: Path, columns: tuple[int | str, int | str]) -> Scores:
    """Score a network on a labelled file; every row counts.

    Args:
        model: The network.
        path: CSV, TSV, JSONL or Parquet.
        columns: Of the strings and of the labels: names, or numbers without a header.

    Raises:
        DataError: The file cannot be read, or has labels that the network does not know.
    """
    text = model.file.text
    file = DataFile(path=str(path), text=columns[0], label=columns[1], strip=text.strip)
    section = TextSection.model_validate({"unicode": text.unicode, "lowercase": text.lowercase})
    rows = read_labelled_rows(str(path), file, section)
    check_bad_rows([rows])
    indices = {label: index for index, label in enumerate(model.file.labels)}
    foreign = sorted(set(rows.labels) - indices.keys())
    if foreign:
        raise DataError(
            f"{path}: the network does not know the label {foreign[0]!r}; "
            f"it knows {', '.join(map(repr, model.file.labels))}"
        )
    classes = np.array([indices[label] for label in rows.labels], np.int64)
    return _score(model, text.encode_normalized(rows.texts), classes)


def _score(model: Model, encoded: EncodedTexts, classes: NDArray[np.int64]) -> Scores:
    return score(model.logits(encoded), classes, model.file.loss, model.file.threshold)
