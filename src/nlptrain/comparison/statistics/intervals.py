"""A mean over a few seeds, and an interval beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mean:
    """A mean over seeds with an interval: from the lowest to the highest, or that of a test.

    Attributes:
        value: The mean; NaN where there is no value.
        low: Lower end of the interval; equal to the mean where there is one value alone, infinite
            where a test rules nothing out.
        high: Upper end.
        count: Values.
    """

    value: float
    low: float
    high: float
    count: int

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval that says anything."""
        return self.count > 1 and math.isfinite(self.low) and math.isfinite(self.high)

    def times(self, factor: float) -> "Mean":
        """Return the same in a unit that is so many times smaller."""
        return Mean(factor * self.value, factor * self.low, factor * self.high, self.count)


def mean_and_range(values: Sequence[float] | NDArray[np.float64]) -> Mean:
    """Average values, with the lowest and the highest of them.

    An interval of confidence for each contestant would say less than it seems to: those of two
    that are alike stand apart by chance, and those of two that differ at every seed overlap.

    Args:
        values: One a seed, in the quantity's own unit.
    """
    if not len(values):
        return Mean(math.nan, math.nan, math.nan, 0)
    numbers = np.asarray(values, np.float64)
    return Mean(float(numbers.mean()), float(numbers.min()), float(numbers.max()), len(numbers))
