"""What a run learns from: labelled strings in three splits, wherever they came from."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.string_column import StringColumn

if TYPE_CHECKING:
    from nlptrain.datasets.streamed_file import StreamedStrings


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled strings of one split.

    Attributes:
        texts: The strings, normalized, not cut.
        classes: Class index of each string: (N,).
        weights: Of each string in the loss, from 0: (N,); None: all alike.
    """

    texts: Sequence[str]
    classes: NDArray[np.int64]
    weights: NDArray[np.floating] | None = None

    def __len__(self) -> int:
        """Count the strings."""
        return len(self.texts)

    def __add__(self, other: "Examples") -> "Examples":
        """Put others behind them."""
        texts = StringColumn.join([StringColumn.of(self.texts), StringColumn.of(other.texts)])
        weights = None
        if self.weights is not None or other.weights is not None:
            each = (np.ones(len(e)) if e.weights is None else e.weights for e in (self, other))
            weights = np.concatenate(list(each))
        return Examples(texts, np.concatenate([self.classes, other.classes]), weights)

    def take(self, places: NDArray[np.int64]) -> "Examples":
        """Return the strings at these places, in their order."""
        weights = None if self.weights is None else self.weights[places]
        return Examples(StringColumn.of(self.texts).take(places), self.classes[places], weights)


@dataclass(frozen=True, eq=False)
class Dataset:
    """The three splits; no string stands in two of them.

    Attributes:
        train: Strings to learn from.
        validation: Strings that choose the best epoch and stop early.
        test: Strings that are read once, at the end.
        labels: Names of the classes, by class index.
        notes: Sentences about what was done to the data, for the user to read.
        counts: The same as numbers by name, for the run's record.
        fresh: Draws the training strings of an epoch from 1 on, none of which is in validation or
            test; None where all epochs have those of `train`.
        other_lengths: Further test strings, of lengths that training never sees; None: there are
            none. No part of the splits and the fingerprint.
        columns: The columns of strings and labels in the user's file.
        stream: Reads the training strings anew in each epoch, and `train` is a sample of them;
            None where they are kept.
    """

    train: Examples
    validation: Examples
    test: Examples
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    fresh: Callable[[int], Examples] | None = None
    other_lengths: Examples | None = None
    columns: tuple[int | str, int | str] = ("text", "label")
    stream: "StreamedStrings | None" = None

    @property
    def splits(self) -> dict[str, Examples]:
        """The splits by name: train, validation, test."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def sizes(self) -> dict[str, int]:
        """How many strings each split has."""
        sizes = {name: len(split) for name, split in self.splits.items()}
        return sizes if self.stream is None else {**sizes, "train": len(self.stream)}

    def join_validation(self) -> "Dataset":
        """Return the same with training and validation strings, in this order, as `train`."""
        return replace(self, train=self.train + self.validation)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over labels, strings, classes and splits, in hexadecimal."""
        digest = hashlib.sha256()
        _add_texts(digest, self.labels)
        for split in self.splits.values():
            _add_texts(digest, split.texts)
            digest.update(split.classes.astype("<i8").data)
            if split.weights is not None:
                digest.update(split.weights.astype("<f8").data)
        if self.stream is not None:
            digest.update(self.stream.digest)
        return digest.hexdigest()


def _add_texts(digest: "hashlib._Hash", texts: Sequence[str]) -> None:
    """Add strings to a digest; their number and lengths too, so that no two lists look alike."""
    column = StringColumn.of(texts)
    digest.update(np.array([len(column)], "<i8").data)
    digest.update(column.lengths.astype("<i8").data)
    digest.update(column.data.data)
