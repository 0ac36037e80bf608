"""The gradient of a large table of which a batch reads only some rows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nlptrain.numpy_nn.arrays import Floats, Ids

FEW = 4
"""Readings of a row up to which they are added one after the other, not by a matrix product."""


class RowGradient(NamedTuple):
    """A gradient that is zero but for some rows.

    Attributes:
        rows: The rows that were read, each once, ascending (U,).
        values: Their gradients (U, F).
    """

    rows: Ids
    values: Floats

    def to_dense(self, count: int) -> Floats:
        """Fill in the zeros: (count, F)."""
        dense = np.zeros((count, self.values.shape[1]), self.values.dtype)
        dense[self.rows] = self.values
        return dense


def sum_by_row(rows: Ids, owners: Ids, grad: Floats) -> RowGradient:
    """Add up, for each row, the gradients of the strings that read it.

    Args:
        rows: The row of each reading (N,).
        owners: The string that read it (N,).
        grad: Of each string's sum (B, F).
    """
    # Numbers of two parts sort several times faster than one part's order is found.
    pairs = (rows.astype(np.int64) << 32) | owners
    pairs.sort()
    ordered, owners = pairs >> 32, pairs & 0xFFFFFFFF
    is_first = np.ones(len(pairs), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(is_first)
    counts = np.diff(np.append(starts, len(pairs)))
    values = grad.take(owners[starts], axis=0)
    for place in range(1, FEW):
        again = np.flatnonzero((counts > place) & (counts <= FEW))
        values[again] += grad.take(owners[starts[again] + place], axis=0)
    if len(often := np.flatnonzero(counts > FEW)):
        readers = owners[np.repeat(counts > FEW, counts)]
        places = np.repeat(np.arange(len(often)), counts[often]) * len(grad) + readers
        times = np.bincount(places, minlength=len(often) * len(grad))
        values[often] = times.reshape(len(often), len(grad)).astype(grad.dtype) @ grad
    return RowGradient(ordered[starts], values)


def add_row_gradients(gradients: Sequence[RowGradient]) -> RowGradient:
    """Add up several gradients of the same table."""
    rows = np.concatenate([each.rows for each in gradients])
    order = np.argsort(rows, kind="stable")
    together, starts = np.unique(rows[order], return_index=True)
    values = np.concatenate([each.values for each in gradients])[order]
    if len(starts) == 0:
        return RowGradient(together, values)
    return RowGradient(together, np.add.reduceat(values, starts, axis=0))
