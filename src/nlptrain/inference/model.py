"""A trained network and strings → predictions, with only NumPy."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.batches import ordered_batches
from nlptrain.evaluation.decision import apply_temperature, choose_classes, compute_probabilities
from nlptrain.files.model_file import ModelFile
from nlptrain.numpy_nn.members import Members
from nlptrain.runs.folder import DEFAULT_RUNS_DIR
from nlptrain.runs.search import find_model
from nlptrain.text.encoding import EncodedTexts
from nlptrain.text.given import list_texts
from nlptrain.tracking.stage import stage

BATCH_NUMBERS = 1 << 17
"""Numbers in a batch's features: large enough for efficient matrix products, small enough to fit
in the cache, and for the allocator to reuse the memory for the next batch."""


@dataclass(frozen=True)
class Prediction:
    """The prediction for one string.

    Attributes:
        text: The string, as given.
        label: The predicted class.
        probability: The probability of that class.
        probabilities: The probability of every class, by label.
    """

    text: str
    label: str
    probability: float
    probabilities: dict[str, float]

    def _repr_html_(self) -> str:
        from nlptrain.reporting.pages.notebook import render_predictions

        return render_predictions([(self.text, self.label, self.probability)])

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values, with six significant digits of each probability."""
        rounded = {label: float(f"{p:.6g}") for label, p in self.probabilities.items()}
        return {
            "text": self.text,
            "label": self.label,
            "probability": rounded[self.label],
            "probabilities": rounded,
        }


class Predictions(list[Prediction]):
    """The predictions for several strings; a notebook shows them as a table."""

    def _repr_html_(self) -> str:
        from nlptrain.reporting.pages.notebook import render_predictions

        rows = [(each.text, each.label, each.probability) for each in self]
        return render_predictions(rows)


@dataclass(frozen=True, eq=False)
class Decisions:
    """The predictions for many strings, as arrays.

    Attributes:
        classes: Class index of each string (N,).
        probabilities: Of each class (N, C).
        unknown: Number of characters that are not in the vocabulary.
        cut: Number of strings that were cut to the longest length that the network reads.
    """

    classes: NDArray[np.int64]
    probabilities: NDArray[np.floating]
    unknown: int
    cut: int


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A trained network, or several that predict together.

        model = nlptrain.load("rnn-001")
        model.predict(["abcd", "bcde"])[0].label
        model.predict_proba(table["text"]).argmax(axis=1)

    Attributes:
        path: The model file.
        file: Its contents.
    """

    path: Path
    file: ModelFile

    def __repr__(self) -> str:
        return f"<Model of {len(self.labels)} classes from {str(self.path)!r}>"

    @cached_property
    def network(self) -> Members:
        """The network, with its members."""
        return Members.of(self.file.architecture, self.file.arrays, self.file.members)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes, in the order of all probabilities."""
        return self.file.labels

    def predict(self, texts: Iterable[str]) -> Predictions:
        """Predict the class of each string.

        Args:
            texts: Any strings: they may be empty, long, or have unknown characters. A list, an
                array, a column of pandas or polars, a pyarrow array.

        Raises:
            TypeError: They are a single string or a table, or one of them is no string.
        """
        listed = list_texts(texts)
        return self.describe(listed, self.decide(listed))

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.floating]:
        """Predict the probability of each class: (N, C), in the order of `labels`.

        Args:
            texts: As for `predict`.
        """
        return self.decide(list_texts(texts)).probabilities

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model file, which predicts alone: `nlptrain.load(path)`.

        Raises:
            RunFolderError: The file cannot be written.
        """
        self.file.save(Path(path))

    def describe(self, texts: Sequence[str], decisions: Decisions) -> Predictions:
        """Convert decisions to one prediction per string."""
        labels = self.file.labels
        rows = zip(texts, decisions.classes.tolist(), decisions.probabilities.tolist(), strict=True)
        return Predictions(
            Prediction(text, labels[index], row[index], dict(zip(labels, row, strict=True)))
            for text, index, row in rows
        )

    def decide(self, texts: Sequence[str]) -> Decisions:
        """Decide the class of each string, as arrays."""
        encoded = self.file.text.encode(texts)
        return self.conclude(encoded, self.logits(encoded))

    def conclude(self, encoded: EncodedTexts, logits: NDArray[np.floating]) -> Decisions:
        """Decide from the logits of encoded strings: (N, 1 or C)."""
        logits = apply_temperature(logits, self.file.temperature)
        return Decisions(
            classes=choose_classes(logits, self.file.threshold),
            probabilities=compute_probabilities(logits),
            unknown=encoded.unknown,
            cut=encoded.cut,
        )

    def logits(self, encoded: EncodedTexts) -> NDArray[np.floating]:
        """Compute the logits of encoded strings, batching similar lengths: (N, 1 or C)."""
        result = self.room_for(encoded)
        done = 0
        with stage("computing", len(encoded)) as advance:
            for indices in self.batches(encoded.lengths):
                result[indices] = self.network.logits(*encoded.batch(indices))
                done += len(indices)
                advance(done)
        return result

    def batches(self, lengths: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Cut encoded strings of these lengths into batches: the indices of each."""
        tokens = max(1, BATCH_NUMBERS // self.file.architecture.num_features)
        return ordered_batches(lengths, tokens, tokens)

    def room_for(self, encoded: EncodedTexts) -> NDArray[np.floating]:
        """Return an array for the logits of encoded strings, not filled: (N, 1 or C)."""
        architecture = self.file.architecture
        dtype = self.file.arrays[architecture.last_weight].dtype
        return np.empty((len(encoded), architecture.num_logits), dtype)


def load(
    run: str | os.PathLike[str] | None = None,
    *,
    runs_dir: str | os.PathLike[str] = DEFAULT_RUNS_DIR,
) -> Model:
    """Load the network of a run.

    Args:
        run: A run's folder or name, or a model file; None for the newest finished run.
        runs_dir: The folder of all runs.

    Raises:
        RunFolderError: There is no such run, or its model file is damaged.
    """
    path = find_model(None if run is None else os.fspath(run), Path(runs_dir))
    return Model(path, ModelFile.load(path))
