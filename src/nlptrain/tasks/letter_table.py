"""The next letter of many strings at once, each with its exact chance, from few random bits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POINT_BITS = 16
"""Random bits drawn for each letter; more only where they leave it open."""

GUIDE_BITS = 10
"""How many of them a table looks at."""


@dataclass(frozen=True, eq=False)
class LetterTable:
    """Which letter a random point means, in each state.

    Attributes:
        ends: Where the interval of each letter of each state ends, rising: (S · A,). State s holds
            the integers from s · 2ᵇ on.
        bits: b.
        guide: The place in `ends` by state and highest bits of a point, −1 where more bits are
            needed: (S · 2ᵍ,); None where too few letters are looked up to pay for it.
    """

    ends: NDArray[np.int64]
    bits: int
    guide: NDArray[np.int64] | None

    @classmethod
    def build(cls, ends: NDArray[np.int64], bits: int, has_guide: bool) -> "LetterTable":
        """Make the table of the intervals' ends; the last is (states << bits)."""
        if not has_guide:
            return cls(ends, bits, None)
        shift = bits - GUIDE_BITS
        starts = np.arange(int(ends[-1]) >> shift) << shift
        first = ends.searchsorted(starts, side="right")
        last = ends.searchsorted(starts + ((1 << shift) - 1), side="right")
        return cls(ends, bits, np.where(first == last, first, -1))

    def find(self, states: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
        """Draw a letter for each state: its place in `ends`, (N,) → (N,)."""
        if self.guide is None:
            points = generator.integers(0, 1 << self.bits, len(states))
            points += states << self.bits
            return self.ends.searchsorted(points, side="right")
        high = generator.integers(0, 1 << POINT_BITS, len(states), np.uint16)
        places = states << GUIDE_BITS
        places += high >> (POINT_BITS - GUIDE_BITS)
        found = self.guide.take(places)
        undecided = np.flatnonzero(found < 0)
        low_bits = self.bits - POINT_BITS
        points = generator.integers(0, 1 << low_bits, len(undecided))
        points += high[undecided].astype(np.int64) << low_bits
        points += states[undecided] << self.bits
        found[undecided] = self.ends.searchsorted(points, side="right")
        return found
