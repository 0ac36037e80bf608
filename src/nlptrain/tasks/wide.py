"""Counts of strings, which soon exceed a float's range: a mantissa and an exponent each.

Every number has its own exponent, so a count of 1 beside one of 26¹⁰⁰⁰ is not lost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST_EXACT = 62
"""Bits of the largest integer that NumPy holds exactly."""

_NONE = -(2**40)
"""The exponent of 0: far below all others."""


@dataclass(frozen=True, eq=False)
class Wide:
    """Numbers from 0 up, exact below 2⁵³ and accurate to 15 digits above.

    Attributes:
        mantissas: 0, or from ½ to 1; any shape.
        exponents: Powers of two, same shape.
    """

    mantissas: NDArray[np.float64]
    exponents: NDArray[np.int64]

    @classmethod
    def of(cls, numbers: NDArray[np.number]) -> "Wide":
        """Convert numbers within a float's range."""
        return cls._normal(numbers.astype(np.float64), np.zeros(numbers.shape, np.int64))

    @classmethod
    def _normal(cls, numbers: NDArray[np.float64], exponents: NDArray[np.int64]) -> "Wide":
        mantissas, shifts = np.frexp(numbers)
        return cls(mantissas, np.where(mantissas > 0, exponents + shifts, _NONE))

    def take(self, indices: NDArray[np.integer]) -> "Wide":
        """Gather numbers along the first axis."""
        return Wide(self.mantissas[indices], self.exponents[indices])

    def times(self, factors: NDArray[np.integer]) -> "Wide":
        """Multiply by small numbers."""
        return Wide._normal(self.mantissas * factors, self.exponents)

    def aligned(self) -> NDArray[np.float64]:
        """Scale each row by its own power of two, so that its largest number is near 1.

        Returns:
            Floats of the same shape, (…, M); a row of zeros stays zero.
        """
        largest = self.exponents.max(axis=-1, keepdims=True)
        return _scale(self.mantissas, self.exponents - largest)

    def sum(self) -> "Wide":
        """Add up each row: (…, M) → (…)."""
        return Wide._normal(self.aligned().sum(axis=-1), self.exponents.max(axis=-1))

    def sum_by(self, groups: NDArray[np.int64], size: int) -> "Wide":
        """Add up the numbers of each group: (M,) → (size,).

        Args:
            groups: The group of each number: (M,).
            size: Groups in all.
        """
        largest = np.full(size, _NONE)
        np.maximum.at(largest, groups, self.exponents)
        terms = _scale(self.mantissas, self.exponents - largest[groups])
        totals = np.bincount(groups, terms, size).astype(np.float64)
        return Wide._normal(totals, largest)

    def clip(self, most: int) -> NDArray[np.int64]:
        """Return integers, none above `most`: same shape."""
        fits = self.exponents <= LARGEST_EXACT
        numbers = np.ldexp(self.mantissas, np.where(fits, np.maximum(self.exponents, 0), 0))
        clipped: NDArray[np.int64] = np.where(
            fits, np.minimum(numbers.astype(np.int64), most), most
        )
        return clipped

    def to_int(self) -> int:
        """Return a single number as an integer."""
        numerator, denominator = float(self.mantissas).as_integer_ratio()
        exponent = int(self.exponents)
        return (numerator << exponent) // denominator if numerator else 0


def _scale(mantissas: NDArray[np.float64], exponents: NDArray[np.int64]) -> NDArray[np.float64]:
    """Multiply by powers of two; what is far below 1 becomes 0."""
    scaled: NDArray[np.float64] = np.ldexp(mantissas, np.maximum(exponents, -2000))
    return scaled
