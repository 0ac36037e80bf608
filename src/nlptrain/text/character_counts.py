"""The characters of any number of strings, counted part by part."""

import numpy as np

from nlptrain.text.string_column import StringColumn
from nlptrain.text.vocabulary import Vocabulary, count_characters, count_texts


class CharacterCounts:
    """Counts in how many strings a character occurs, until that is known to be enough."""

    def __init__(self, enough: int) -> None:
        self._enough = enough
        self._counts = np.zeros(1, np.int64)

    def add(self, texts: StringColumn, times: int = 1) -> None:
        """Add strings, each so many times."""
        occurrences = count_characters(texts)
        if len(occurrences) > len(self._counts):
            self._counts = np.pad(self._counts, (0, len(occurrences) - len(self._counts)))
        is_counted = (occurrences > 0) & (self._counts[: len(occurrences)] < self._enough)
        if is_counted.any():
            codes, counts = count_texts(texts, is_counted)
            self._counts[codes] += times * counts

    @property
    def some_are_rare(self) -> bool:
        """Whether there is a character that occurs, and in too few strings."""
        return bool(((self._counts > 0) & (self._counts < self._enough)).any())

    def build_vocabulary(self) -> Vocabulary:
        """Build the vocabulary of the characters that occur in enough strings, by code point."""
        return Vocabulary("".join(map(chr, np.flatnonzero(self._counts >= self._enough))))
