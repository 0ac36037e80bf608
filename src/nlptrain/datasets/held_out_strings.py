"""The strings of the smallest hashes among any number: a bounded sample, the same in any order."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from nlptrain.datasets.shard_windows import Window
from nlptrain.text.string_hash import Hashes

ALL = 1 << 64


@dataclass
class HeldString:
    """A string that is kept, with what each window said of it.

    Attributes:
        text: The string, as it was first seen.
        votes: How many windows gave it which label, by the label's number.
    """

    text: str
    votes: Counter[int] = field(default_factory=Counter)

    @property
    def label(self) -> int:
        """The label of most windows, on a tie the first seen."""
        return self.votes.most_common(1)[0][0]


class SmallestHashes:
    """Keeps the strings of the smallest hashes (a bottom-k sketch; Cohen and Kaplan, 2007).

    Attributes:
        found: The strings by hash; those up to the capacity have been counted from the beginning.
        limit: All strings of smaller hashes are there.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self.found: dict[int, HeldString] = {}
        self.limit = ALL

    def add(self, window: Window, hashes: Hashes) -> tuple[np.ndarray, dict[int, HeldString]]:
        """Add the strings of a window.

        Args:
            window: The strings.
            hashes: What they are ordered by: (N,).

        Returns:
            Which of them are kept for now, (N,), and what is kept no more.
        """
        is_kept = hashes <= np.uint64(self.limit - 1)
        for place in np.flatnonzero(is_kept).tolist():
            number = int(hashes[place])
            held = self.found.get(number)
            if held is None:
                held = self.found[number] = HeldString(window.texts[place])
            held.votes[int(window.labels[place])] += 1
        return is_kept, self._prune()

    def smallest(self, number: int, below: int) -> Iterator[int]:
        """Iterate over the smallest hashes, in order: so many at most, all below a bound."""
        yield from (each for each in sorted(self.found)[:number] if each < below)

    def _prune(self) -> dict[int, HeldString]:
        """Drop the greatest hashes once there are twice as many as wanted."""
        if len(self.found) < 2 * self._capacity:
            return {}
        ordered = sorted(self.found)
        self.limit = ordered[self._capacity]
        return {number: self.found.pop(number) for number in ordered[self._capacity :]}
