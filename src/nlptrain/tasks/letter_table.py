"""The next letter of many strings at once, with exact probabilities, from few random bits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POINT_BITS = 16
"""Random bits drawn for each letter; more only if they leave it open."""

GUIDE_BITS = 10
"""How many of them index a guide."""


@dataclass(frozen=True, eq=False)
class Guide:
    """A lookup by a point's highest bits, which alone determine most letters.

    Attributes:
        rows: Row of the next state by index in the guide: (S · 2ᵍ,).
        letters: The letter that leads there: (S · 2ᵍ,).
        undecided: Marks where more bits are needed: no letter has this number.
    """

    rows: NDArray[np.int64]
    letters: NDArray[np.unsignedinteger]
    undecided: int


@dataclass(frozen=True, eq=False)
class LetterTable:
    """Which letter a random point selects, in each state.

    A state is given by its row, s · 2ᵍ: where its part of a guide begins.

    Attributes:
        ends: Where the interval of each letter of each state ends, ascending: (S · A,). State s
            has the integers from s · 2ᵇ on.
        bits: b.
        rows: Row of the next state by index in `ends`: (S · A,).
        letters: Letter by index in `ends`: (S · A,).
        guide: For fast lookups; None if there are too few lookups to pay for it.
    """

    ends: NDArray[np.int64]
    bits: int
    rows: NDArray[np.int64]
    letters: NDArray[np.unsignedinteger]
    guide: Guide | None

    @classmethod
    def build(
        cls,
        ends: NDArray[np.int64],
        bits: int,
        after: tuple[NDArray[np.int64], NDArray[np.unsignedinteger]],
        has_guide: bool,
    ) -> "LetterTable":
        """Build the table from the intervals' ends, the last of which is (states << bits)."""
        if not has_guide:
            return cls(ends, bits, *after, None)
        shift = bits - GUIDE_BITS
        size = int(ends[-1]) >> shift
        # An entry of the guide means one letter if no end lies between its start and the next
        # entry's.
        first = np.bincount(-(-ends >> shift), minlength=size)[:size].cumsum()
        last = np.bincount(ends >> shift, minlength=size)[:size].cumsum()
        rows, letters = after
        undecided = np.iinfo(letters.dtype).max
        found = np.where(first == last, letters[first], undecided)
        return cls(ends, bits, *after, Guide(rows[first], found, undecided))

    def advance(
        self,
        rows: NDArray[np.int64],
        letters: NDArray[np.unsignedinteger],
        scratch: NDArray[np.int64],
        generator: np.random.Generator,
    ) -> None:
        """Draw a letter for each state, and move on to the states where they lead.

        Args:
            rows: The states, overwritten with the next ones: (N,).
            letters: Output buffer for the letters: (N,).
            scratch: Temporary buffer: (N,).
            generator: Source of randomness.
        """
        if self.guide is None:
            points = _random_bits(self.bits, len(rows), generator)
            points += rows << (self.bits - GUIDE_BITS)
            chosen = self.ends.searchsorted(points, side="right")
            letters[:], rows[:] = self.letters[chosen], self.rows[chosen]
            return
        high = generator.integers(0, 1 << POINT_BITS, len(rows), np.uint16)
        places = np.right_shift(high, POINT_BITS - GUIDE_BITS, out=scratch)
        places += rows
        self.guide.letters.take(places, mode="clip", out=letters)
        undecided = (letters == self.guide.undecided).nonzero()[0]
        low_bits = self.bits - POINT_BITS
        points = _random_bits(low_bits, len(undecided), generator)
        points += high[undecided].astype(np.int64) << low_bits
        points += rows[undecided] << (self.bits - GUIDE_BITS)
        self.guide.rows.take(places, mode="clip", out=rows)
        chosen = self.ends.searchsorted(points, side="right")
        letters[undecided], rows[undecided] = self.letters[chosen], self.rows[chosen]


def _random_bits(bits: int, size: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw integers below 2ᵇ, (N,), without the setup cost of a general draw."""
    drawn = generator.bit_generator.random_raw(size) >> np.uint64(64 - bits)
    return drawn.view(np.int64)
