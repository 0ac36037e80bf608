"""The embedding table: one row a token id."""

from collections.abc import Callable

import numpy as np

from nlptrain.numpy_nn.arrays import Floats, Ids

SMALL_VOCABULARY = 256
"""Rows up to which a product with a one-hot matrix sums faster than sorting."""


def look_up(ids: Ids, table: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Take the row of each id: y[t] = table[ids[t]].

    dL/dtable[v] = Σ dL/dy over the positions where v stands: repeated ids add up.

    Args:
        ids: Row numbers (…, T, B).
        table: Rows (…, V, F), the leading axes those of the ids.

    Returns:
        Rows (…, T, B, F), and the function from their gradient to the table's.
    """
    flat = _across_models(ids, table)
    rows = table.reshape(-1, table.shape[-1])

    def backward(grad_y: Floats) -> Floats:
        grads = grad_y.reshape(-1, grad_y.shape[-1])
        return sum_rows(flat.reshape(-1), grads, len(rows)).reshape(table.shape)

    return rows[flat], backward


def sum_rows(ids: Ids, rows: Floats, count: int) -> Floats:
    """Add up the rows of each id: ids (N,), rows (N, F) → (count, F)."""
    if count <= SMALL_VOCABULARY:
        one_hot = (np.arange(count)[:, None] == ids).astype(rows.dtype)
        return one_hot @ rows
    order = ids.argsort(kind="stable")
    ordered = ids[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sums = np.zeros((count, rows.shape[1]), rows.dtype)
    sums[ordered[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return sums


def _across_models(ids: Ids, table: Floats) -> Ids:
    """Number the rows of all tables through, where there are several side by side."""
    if table.ndim == 2:
        return ids
    first_rows = np.arange(len(table)) * table.shape[-2]
    return ids + first_rows[:, None, None]
