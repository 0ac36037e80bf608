"""What a run learns from: labelled strings in three splits, wherever they came from."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled strings of one split.

    Attributes:
        texts: The strings, normalized, not cut.
        classes: Class index of each string: (N,).
    """

    texts: list[str]
    classes: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the strings."""
        return len(self.texts)

    def take(self, places: NDArray[np.int64]) -> "Examples":
        """Return the strings at these places, in their order."""
        texts = [self.texts[place] for place in places.tolist()]
        return Examples(texts, self.classes[places])


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

    @property
    def splits(self) -> dict[str, Examples]:
        """The splits by name: train, validation, test."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def sizes(self) -> dict[str, int]:
        """How many strings each split has."""
        return {name: len(split) for name, split in self.splits.items()}

    def join_validation(self) -> "Dataset":
        """Return the same with training and validation strings, in this order, as `train`."""
        parts = (self.train, self.validation)
        texts = [text for part in parts for text in part.texts]
        joined = Examples(texts, np.concatenate([part.classes for part in parts]))
        return replace(self, train=joined)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over labels, strings, classes and splits, in hexadecimal."""
        digest = hashlib.sha256()
        _add_texts(digest, self.labels)
        for split in self.splits.values():
            _add_texts(digest, split.texts)
            digest.update(split.classes.astype("<i8").tobytes())
        return digest.hexdigest()


def _add_texts(digest: "hashlib._Hash", texts: tuple[str, ...] | list[str]) -> None:
    """Add strings to a digest; their number and lengths too, so that no two lists look alike."""
    lengths = np.array([len(texts), *map(len, texts)], "<i8")
    digest.update(lengths.tobytes())
    digest.update("".join(texts).encode("utf-8", "surrogatepass"))
