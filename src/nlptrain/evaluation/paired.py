"""Whether one of two classifiers is right more often, on the same strings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.evaluation.intervals import wilson


@dataclass(frozen=True)
class PairedCounts:
    """How often each of two classifiers is right on the same strings.

    Attributes:
        both: Strings on which both are right.
        first: Strings on which only the first is right.
        second: Strings on which only the second is right.
        neither: Strings on which both are wrong.
    """

    both: int
    first: int
    second: int
    neither: int

    @classmethod
    def of(cls, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> "PairedCounts":
        """Count from which strings each is right on: (N,) each."""
        a, b = (np.asarray(right, bool) for right in (first, second))
        pairs = ((a & b), (a & ~b), (~a & b), (~a & ~b))
        return cls(*(int(pair.sum()) for pair in pairs))

    def __add__(self, other: "PairedCounts") -> "PairedCounts":
        return PairedCounts(
            self.both + other.both,
            self.first + other.first,
            self.second + other.second,
            self.neither + other.neither,
        )

    @property
    def examples(self) -> int:
        """Count all strings."""
        return self.both + self.first + self.second + self.neither

    @property
    def difference(self) -> float:
        """The accuracy of the first less that of the second."""
        return (self.first - self.second) / self.examples

    def p_value(self) -> float:
        """Test that both are right equally often: exact McNemar, two-sided (McNemar 1947)."""
        from scipy.stats import binomtest

        discordant = self.first + self.second
        return float(binomtest(self.first, discordant).pvalue) if discordant else 1.0

    def interval(self) -> tuple[float, float]:
        """Compute the 95 % interval of the difference (Newcombe 1998, paired, method 10).

        It joins the Wilson intervals of both accuracies, less what the two have in common.
        """
        n = self.examples
        rights = (self.both + self.first, self.both + self.second)
        lows, highs = (ends.tolist() for ends in wilson(rights, n))
        accuracies = [right / n for right in rights]
        below = [accuracy - low for accuracy, low in zip(accuracies, lows, strict=True)]
        above = [high - accuracy for accuracy, high in zip(accuracies, highs, strict=True)]
        phi = self._correlation()
        low = below[0] ** 2 - 2 * phi * below[0] * above[1] + above[1] ** 2
        high = above[0] ** 2 - 2 * phi * above[0] * below[1] + below[1] ** 2
        return self.difference - max(low, 0) ** 0.5, self.difference + max(high, 0) ** 0.5

    def _correlation(self) -> float:
        """Compute phi, with Newcombe's correction for continuity where it is positive."""
        product = float(self.both * self.neither - self.first * self.second)
        margins = (
            (self.both + self.first)
            * (self.second + self.neither)
            * (self.both + self.second)
            * (self.first + self.neither)
        )
        if product > 0:
            product = max(product - self.examples / 2, 0)
        return product / float(margins) ** 0.5 if margins else 0.0
