"""The strings of the smallest hashes among any number: a bounded sample, the same in any order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.distinct_strings import Indices
from nlptrain.text.string_column import StringColumn
from nlptrain.text.string_hash import Hashes

ALL = 1 << 64


@dataclass(frozen=True, eq=False)
class LabelledStrings:
    """Strings with labels, in the order in which they are first seen; some of several labels.

    Attributes:
        texts: The strings.
        hashes: A number that only the same strings share: (N,).
        labels: Number of the label: (N,).
        votes: How many windows gave the string this label: (N,).
    """

    texts: StringColumn
    hashes: Hashes
    labels: Indices
    votes: Indices

    def keep(self, mask: NDArray[np.bool_]) -> "LabelledStrings":
        """Keep those where the mask is true: (N,)."""
        return LabelledStrings(
            self.texts.keep(mask), self.hashes[mask], self.labels[mask], self.votes[mask]
        )

    @classmethod
    def join(cls, parts: Sequence["LabelledStrings"]) -> Self:
        """Put some behind others."""
        return cls(
            StringColumn.join([part.texts for part in parts]),
            np.concatenate([part.hashes for part in parts]),
            np.concatenate([part.labels for part in parts]),
            np.concatenate([part.votes for part in parts]),
        )

    def merge(self) -> "LabelledStrings":
        """Make one of those of one string and one label, and add up their votes."""
        order = np.lexsort((self.labels, self.hashes))
        hashes, labels = self.hashes[order], self.labels[order]
        is_first = np.ones(len(order), bool)
        is_first[1:] = (hashes[1:] != hashes[:-1]) | (labels[1:] != labels[:-1])
        if is_first.all():
            return self
        votes = np.add.reduceat(self.votes[order], np.flatnonzero(is_first))
        # The sort is stable, so the first of each is the one that was seen first.
        first = order[is_first]
        back = np.argsort(first)
        places = first[back]
        return LabelledStrings(
            self.texts.take(places), self.hashes[places], self.labels[places], votes[back]
        )

    def choose_labels(self) -> "LabelledStrings":
        """Keep of each string the label of most windows, on a tie the first seen; sort by hash."""
        order = np.lexsort((np.arange(len(self.hashes)), -self.votes, self.hashes))
        hashes = self.hashes[order]
        is_first = np.ones(len(order), bool)
        is_first[1:] = hashes[1:] != hashes[:-1]
        places = order[is_first]
        return LabelledStrings(
            self.texts.take(places), self.hashes[places], self.labels[places], self.votes[places]
        )


class SmallestHashes:
    """Keeps the strings of the smallest hashes (a bottom-k sketch; Cohen and Kaplan, 2007).

    Attributes:
        limit: All strings of smaller hashes are there, with all that windows said of them.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._parts: list[LabelledStrings] = []
        self.limit = ALL

    @property
    def strings(self) -> LabelledStrings:
        """All that are kept now."""
        self._parts = [LabelledStrings.join(self._parts).merge()]
        return self._parts[0]

    def holds(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Return which hashes are small enough to be kept: (N,)."""
        return hashes <= np.uint64(self.limit - 1)

    def add(self, strings: LabelledStrings) -> LabelledStrings:
        """Add strings that `holds` has approved of, and return those that are kept no more."""
        self._parts.append(strings)
        waiting = sum(len(part.hashes) for part in self._parts)
        if waiting < 2 * self._capacity:
            return strings.keep(np.zeros(len(strings.hashes), bool))
        merged = self.strings
        distinct = np.unique(merged.hashes)
        if len(distinct) > self._capacity:
            self.limit = int(distinct[self._capacity])
        is_kept = self.holds(merged.hashes)
        self._parts = [merged.keep(is_kept)]
        return merged.keep(~is_kept)
