"""The rows of a user's file as they stand there, numbered for looking at them as arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nlptrain.datasets.distinct_strings import Indices, number_strings
from nlptrain.text.coded_column import CodedColumn


@dataclass(frozen=True, eq=False)
class RawRows:
    """Rows as they stand in the file.

    Attributes:
        texts: Strings, neither stripped nor normalized nor cut.
        labels: Their labels, stripped.
        readings: The strings as the network would read them.
    """

    texts: Sequence[str]
    labels: Sequence[str]
    readings: Sequence[str]

    @cached_property
    def names(self) -> list[str]:
        """The labels in the order in which they are first seen: (C,)."""
        return list(CodedColumn.of(self.labels).sizes)

    @cached_property
    def classes(self) -> Indices:
        """The place of each row's label in `names`: (rows,)."""
        return CodedColumn.of(self.labels).codes.astype(np.int64)

    @cached_property
    def strings(self) -> Indices:
        """The number of each row's string as the network reads it: (rows,)."""
        return number_strings(self.readings)

    @cached_property
    def pairs(self) -> "Pairs":
        """Which strings carry which labels."""
        return pair_up(self.strings, self.classes)


@dataclass(frozen=True, eq=False)
class Pairs:
    """The different pairs of a string and a label: (P,) each, sorted by string.

    Attributes:
        strings: The string's number.
        classes: The label's place.
        first_rows: The first row of the pair.
        counts: Rows of the pair.
    """

    strings: Indices
    classes: Indices
    first_rows: Indices
    counts: Indices

    @property
    def labels_by_string(self) -> Indices:
        """How many labels each string carries: (N,)."""
        return np.bincount(self.strings)

    def of_several_labels(self) -> Iterator[Indices]:
        """List the pairs of each string that carries several labels, as first seen."""
        order = np.lexsort((self.first_rows, self.strings))
        sizes = self.labels_by_string
        starts = np.cumsum(sizes) - sizes
        for string in np.flatnonzero(sizes > 1).tolist():
            yield order[starts[string] : starts[string] + sizes[string]]


def pair_up(strings: Indices, classes: Indices) -> Pairs:
    """Count the different pairs of a string and a label, both numbered: (rows,) each."""
    width = int(classes.max(initial=0)) + 1
    pairs, first_rows, counts = np.unique(
        strings * width + classes, return_index=True, return_counts=True
    )
    return Pairs(*np.divmod(pairs, width), first_rows, counts)
