"""Whether paired differences are more than chance, and how large they are: exact sign flips.

Where two contestants are alike, which of them scored what at a seed is a toss of a coin, so the
signs of the differences may be flipped at will. Flipping those of a set of seeds makes their mean
as large as it was, or larger, exactly where the mean over that set is at most zero. The means of
all subsets therefore hold the test of every possible difference at once (Hartigan 1969, "Using
subsample values as typical values", JASA 64): p and interval come of the same numbers, and never
contradict each other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

ERROR = 0.05
"""How seldom any claim among all pairs may be due to chance."""

EXACT_UP_TO = 14
"""Seeds up to which all sign flips are tried."""

DRAWN_FLIPS = 2**16
"""Sign flips with more seeds, the given signs among them."""

DRAWING_SEED = 0

_DIGITS = 12  # differences closer than that are rounding in the sums


@dataclass(frozen=True)
class FlipTest:
    """The sign-flip test of some differences.

    Attributes:
        means: Of every subset but the empty one, ascending: (flips − empty,).
        empty: How many of the flips flip nothing, the given signs among them.
    """

    means: NDArray[np.float64]
    empty: int

    @property
    def p_value(self) -> float:
        """How often chance alone gives a mean so far from zero, on either side."""
        low, high = (self.means <= 0).sum(), (self.means >= 0).sum()
        return min(1.0, 2 * float(self.empty + min(low, high)) / self._flips)

    def interval(self, error: float) -> tuple[float, float]:
        """Return the differences that the test does not refuse at this error; infinite: any."""
        place = math.floor(error * self._flips / 2) - self.empty
        if place < 0:
            return -math.inf, math.inf
        return float(self.means[place]), float(self.means[-1 - place])

    @property
    def _flips(self) -> int:
        return len(self.means) + self.empty


@lru_cache(maxsize=128)
def flip_signs(differences: tuple[float, ...]) -> FlipTest:
    """Test differences, one a seed and at least one; the same ones always come out the same.

    With many seeds the flips are drawn, beside the given signs, which keeps the test valid
    (Hemerik and Goeman 2018, "Exact testing with random permutations", TEST 27).
    """
    subsets = _subsets(len(differences))
    sizes = subsets.sum(axis=1)
    # In parts: as floats, the subsets of hundreds of seeds would fill the memory.
    parts = np.array_split(subsets[sizes > 0], 16)
    sums = np.concatenate([part @ np.array(differences) for part in parts])
    means = np.sort(np.round(sums / sizes[sizes > 0], _DIGITS))
    return FlipTest(means, int((sizes == 0).sum()))


@lru_cache(maxsize=4)
def _subsets(count: int) -> NDArray[np.bool_]:
    """List which seeds each flip takes: (flips, count)."""
    if count <= EXACT_UP_TO:
        bits: NDArray[np.int64] = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
        return bits.astype(np.bool_)
    drawn = np.random.default_rng(DRAWING_SEED).random((DRAWN_FLIPS, count)) < 0.5
    drawn[0] = False
    return drawn


@dataclass(frozen=True)
class HolmStep:
    """What Holm's correction makes of one of several tests.

    Attributes:
        p_value: Adjusted: at most ERROR where the test counts.
        error: At which the test was held against chance; that of the first that failed, from it on.
    """

    p_value: float
    error: float


def correct_for_many(p_values: Sequence[float]) -> list[HolmStep]:
    """Correct for asking many questions at once (Holm 1979, Scandinavian Journal of Statistics 6).

    Returns:
        In the order given.
    """
    steps: dict[int, HolmStep] = {}
    adjusted, error, failed = 0.0, ERROR, False
    for done, place in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        left = len(p_values) - done
        adjusted = max(adjusted, min(1.0, left * p_values[place]))
        error = error if failed else ERROR / left
        failed = failed or adjusted > ERROR
        steps[place] = HolmStep(adjusted, error)
    return [steps[place] for place in range(len(p_values))]


def fewest_seeds(pairs: int) -> int:
    """Return the seeds with which the clearest of differences can be told from chance.

    All n seeds speak for the same side in 2 of 2ⁿ sign flips.
    """
    return math.ceil(math.log2(2 * max(pairs, 1) / ERROR))
