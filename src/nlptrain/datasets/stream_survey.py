"""What must be known of a file's strings before they are read epoch by epoch, in one pass."""

import hashlib

import numpy as np

from nlptrain.datasets.distinct_strings import Indices
from nlptrain.datasets.held_out_strings import ALL, HeldString, SmallestHashes
from nlptrain.datasets.shard_windows import Window, WindowReader
from nlptrain.text.character_counts import CharacterCounts
from nlptrain.text.string_column import StringColumn
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
        is_low, dropped_low = self.lowest.add(window, window.hashes)
        is_high, dropped_high = self.highest.add(window, ~window.hashes)
        self.characters.add(window.texts.keep(~(is_low | is_high)))
        # What is held in both is counted when both have dropped it, or at the end.
        for number, held in dropped_low.items():
            if turn(number) not in self.highest.found and turn(number) not in dropped_high:
                self._count_characters(held)
        for number, held in dropped_high.items():
            if turn(number) not in self.lowest.found:
                self._count_characters(held)

    def count_rest(self, low: int, high: int) -> None:
        """Count the characters of the strings that are held and belong to training."""
        rest = self.lowest.found | {
            turn(number): held for number, held in self.highest.found.items()
        }
        for number, held in rest.items():
            if low <= number < high:
                self._count_characters(held)

    def _count_characters(self, held: HeldString) -> None:
        self.characters.add(StringColumn.of([held.text]), held.votes.total())


def turn(number: int) -> int:
    """Return the hash that stands as far from the other end."""
    return ALL - 1 - number


def _grow(counts: Indices, number: int) -> Indices:
    return np.pad(counts, (0, number - len(counts)))
