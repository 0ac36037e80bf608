"""What must be known of a file's strings before they are read epoch by epoch, in one pass."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from nlptrain.datasets.distinct_strings import Indices
from nlptrain.datasets.held_out_strings import ALL, LabelledStrings, SmallestHashes
from nlptrain.datasets.shard_windows import Window, WindowReader
from nlptrain.text.character_counts import CharacterCounts
from nlptrain.tracking.stage import track


class Survey:
    """One pass over all strings: counts, and the strings of the smallest and greatest hashes.

    Attributes:
        reader: Reads the windows.
        lowest: The strings of the smallest hashes: those of the test, and a sample of the others.
        highest: Those of the greatest, by the distance from the other end.
        characters: In how many training strings each occurs.
        strings: Each window's distinct strings by label, by its number: (labels,).
        row_labels: The rows of each label: (labels,).
    """

    def __init__(self, reader: WindowReader, held_out: int, min_count: int) -> None:
        self.reader = reader
        # Behind the test's lie those of a sample of the training strings.
        self.lowest = SmallestHashes(2 * held_out)
        self.highest = SmallestHashes(held_out)
        self.characters = CharacterCounts(min_count)
        self.strings: Indices = np.zeros(0, np.int64)
        self.row_labels: Indices = np.zeros(0, np.int64)
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> bytes:
        """SHA-256 over all strings and labels, as hashes and numbers."""
        return self._digest.digest()

    def run(self) -> None:
        """Go over all shards."""
        parts = self.reader.shards.parts
        for shard in track(parts, f"counting {self.reader.file.path}", len(parts)):
            for window in self.reader.read(shard):
                self._add(window)

    def _add(self, window: Window) -> None:
        self._digest.update(window.hashes.astype("<u8").tobytes())
        self._digest.update(window.labels.astype("<i8").tobytes())
        number = len(self.reader.numbers)
        self.strings = _grow(self.strings, number) + np.bincount(window.labels, minlength=number)
        self.row_labels = _grow(self.row_labels, number) + _grow(window.row_labels, number)
        self._hold(window)

    def _hold(self, window: Window) -> None:
        """Hold the strings of small and great hashes; count the characters of the others."""
        seen = LabelledStrings(
            window.texts, window.hashes, window.labels, np.ones(len(window.labels), np.int64)
        )
        is_low, is_high = self.lowest.holds(seen.hashes), self.highest.holds(~seen.hashes)
        self.characters.add(window.texts.keep(~(is_low | is_high)))
        low = self.lowest.add(seen.keep(is_low))
        high = self.highest.add(turn(seen.keep(is_high)))
        # What both have held is counted when both have dropped it, or at the end.
        self._count_characters(low.keep(~self.highest.holds(~low.hashes)))
        high = turn(high)
        is_counted = np.isin(high.hashes, low.hashes) | self.lowest.holds(high.hashes)
        self._count_characters(high.keep(~is_counted))

    def split(self, held_out: int, test: float, validation: float) -> "HeldSplits":
        """Divide what is held, and count the characters of those that belong to training.

        Args:
            held_out: Most strings of validation, and of the test.
            test: The test's share of all strings.
            validation: That of validation.
        """
        lowest, highest = self.lowest.strings, self.highest.strings
        low, high = (
            _find_bound(kept, held_out, share)
            for kept, share in ((self.lowest, test), (self.highest, validation))
        )
        held = turn(highest)
        is_validation = highest.hashes < np.uint64(high)
        is_test = lowest.hashes < np.uint64(low)
        rest = LabelledStrings.join(
            [
                lowest.keep(~is_test & (lowest.hashes < np.uint64(ALL - high))),
                held.keep(~is_validation & ~self.lowest.holds(held.hashes)),
            ]
        )
        self._count_characters(rest)
        return HeldSplits(rest, held.keep(is_validation), lowest.keep(is_test), (low, ALL - high))

    def _count_characters(self, strings: LabelledStrings) -> None:
        """Count the characters of strings that are not held out, each as often as it was read."""
        for votes in np.unique(strings.votes).tolist():
            self.characters.add(strings.texts.keep(strings.votes == votes), votes)


@dataclass(frozen=True, eq=False)
class HeldSplits:
    """What is held of each split.

    Attributes:
        train: A sample of the training strings.
        validation: Those of the greatest hashes.
        test: Those of the smallest.
        bounds: The smallest hash of a training string, and the first that is too great.
    """

    train: LabelledStrings
    validation: LabelledStrings
    test: LabelledStrings
    bounds: tuple[int, int]


def turn(strings: LabelledStrings) -> LabelledStrings:
    """Return the same with hashes that are as far from the other end."""
    return replace(strings, hashes=~strings.hashes)


def _find_bound(kept: SmallestHashes, most: int, share: float) -> int:
    """Find the first hash that is not held out: by the share of all, or by the number."""
    distinct = np.unique(kept.strings.hashes)
    bound = min(int(share * ALL), kept.limit)
    return min(bound, int(distinct[most])) if len(distinct) > most else bound


def _grow(counts: Indices, number: int) -> Indices:
    return np.pad(counts, (0, number - len(counts)))
