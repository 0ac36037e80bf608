"""Strings and classes given in Python → a dataset of training and validation strings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.data import DataFile
from nlptrain.config.run import RunConfig
from nlptrain.datasets.distinct_strings import choose_labels, number_strings
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.datasets.split import TRAIN, VALIDATION, split_by_class
from nlptrain.text.normalization import normalize
from nlptrain.text.reading import Reading

_NONE = Examples((), np.empty(0, np.int64))


@dataclass(frozen=True, eq=False)
class GivenData:
    """What a network is to learn from.

    Attributes:
        texts: The strings, as given.
        classes: Class index of each: (N,).
        weights: Of each in the loss, from 0: (N,); None: all alike.
        labels: Names of the classes, by class index.
    """

    texts: list[str]
    classes: NDArray[np.int64]
    weights: NDArray[np.float64] | None
    labels: tuple[str, ...]

    def build_dataset(self, config: RunConfig, validation: "float | GivenData | None") -> Dataset:
        """Build the dataset, without strings for a test.

        A string of weight 0 is left out, as it teaches nothing.

        Args:
            config: Says how strings are normalized, and seeds the draw.
            validation: The share to draw, by which all that read alike go to one side; strings of
                their own; or None for none.
        """
        examples = Examples(_normalize(self.texts, config), self.classes, self.weights)
        if self.weights is not None:
            examples = examples.take(np.flatnonzero(self.weights))
        if isinstance(validation, GivenData):
            chosen = Examples(_normalize(validation.texts, config), validation.classes)
            return Dataset(examples, chosen, _NONE, self.labels)
        if validation is None:
            return Dataset(examples, _NONE, _NONE, self.labels)
        readings = Reading.of(config.text).read(examples.texts)
        strings = number_strings(readings)
        majority, _, _ = choose_labels(strings, examples.classes)
        splits = split_by_class(majority, validation, 0.0, config.seed)[strings]
        train, chosen = (
            examples.take(np.flatnonzero(splits == split)) for split in (TRAIN, VALIDATION)
        )
        return Dataset(train, chosen, _NONE, self.labels)


def _normalize(texts: list[str], config: RunConfig) -> list[str]:
    """Normalize strings as the model will before it predicts."""
    normalized = normalize(texts, config.text.unicode, config.text.lowercase)
    source = config.data.source
    if isinstance(source, DataFile) and source.strip:
        return [text.strip() for text in normalized]
    return normalized
