"""The embedding table: one row per token id."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads, Ids, flat_positions
from nlptrain.numpy_nn.layer import Context, Layer, Parameter, Shape

SMALL_VOCABULARY = 256
"""Rows up to which a product with a one-hot matrix is faster than sorting."""

ROWS_AT_ONCE = 1 << 14
"""Rows that one such matrix adds up."""


class Embedded(NamedTuple):
    """Embeddings not looked up yet; their gradient is the table's.

    Attributes:
        ids: Row numbers (…, T, B).
        table: Rows (…, V, E).
    """

    ids: Ids
    table: Floats

    def rows(self) -> tuple[Floats, Callable[[Floats], Floats]]:
        """Look up the rows: (…, T, B, E), and the function from their gradient to the table's."""
        return look_up(self.ids, self.table)


@dataclass(frozen=True)
class Embedding(Layer):
    """Token ids → rows of a table; row 0, for padding, always stays zero."""

    vocabulary_size: int
    dim: int

    def output_size(self, input_size: int) -> int:
        """Return the embedding dimension."""
        return self.dim

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List the table: N(0, 1) except for the padding."""
        return {"weight": Parameter((self.vocabulary_size, self.dim), _draw_table)}

    def forward(self, x: Ids, arrays: Arrays, context: Context) -> tuple[Embedded, Backward]:
        """Return ids and table, without looking them up."""

        def backward(grad_table: Floats) -> tuple[Floats, Grads]:
            grad_table[..., 0, :] = 0
            return grad_table, {"weight": grad_table}

        return Embedded(x, arrays["weight"]), backward


def _draw_table(shape: Shape, generator: "np.random.Generator") -> Floats:
    table = generator.standard_normal(shape)
    table[0] = 0
    return table


def look_up(ids: Ids, table: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Take the row of each id: y[t] = table[ids[t]].

    dL/dtable[v] = Σ dL/dy over the positions of v: repeated ids add up.

    Args:
        ids: Row numbers (…, T, B), or (T, B) if all tables share them.
        table: Rows (…, V, F).

    Returns:
        Rows (…, T, B, F), and the function from their gradient to the table's.
    """

    def backward(grad_y: Floats) -> Floats:
        flat = ids.reshape(*ids.shape[:-2], -1)
        return sum_rows(flat, flat_positions(grad_y), table.shape[-2])

    if ids.ndim == 2:
        return table.take(ids, axis=-2), backward
    return table.reshape(-1, table.shape[-1]).take(
        number_rows(ids, table.shape[-2]), axis=0
    ), backward


def mean_embedding(
    ids: Ids, table: Floats, lengths: Ids
) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Average each string's embeddings, without ever looking them up.

    The sum over a string is its character counts (B, V) times the table, and likewise for the
    gradient. Equal to `look_up` and the readout `mean`.

    Args:
        ids: Token ids (…, T, B), 0 at pads; (T, B) if all tables share them.
        table: The embedding (…, V, E).
        lengths: Real positions of each string, (…, B) or (B,) like the ids.

    Returns:
        Means (…, B, E), and the function from their gradient to the table's.
    """
    size = table.shape[-2]
    begins = np.arange(0, lengths.size * size, size)
    cells = begins.reshape(*lengths.shape[:-1], 1, lengths.shape[-1]) + ids
    # In the order in which they lie in memory: faster, and the counts are the same.
    counts = np.bincount(cells.ravel("K"), minlength=lengths.size * size)
    shares = counts.reshape(*lengths.shape, size).astype(table.dtype)
    shares /= np.maximum(lengths, 1).astype(table.dtype)[..., None]
    shares[..., 0] = 0
    return shares @ table, lambda grad_y: shares.mT @ grad_y


def sum_rows(ids: Ids, rows: Floats, count: int) -> Floats:
    """Add up the rows of each id: ids (…, N) or shared (N,), rows (…, N, F) → (…, count, F)."""
    if count <= SMALL_VOCABULARY:
        return _sum_by_product(ids, rows, count)
    ids = np.broadcast_to(ids, rows.shape[:-1])
    numbers = number_rows(ids[..., None], count).reshape(-1)
    order = numbers.argsort(kind="stable")
    ordered = numbers[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sums = np.zeros((*ids.shape[:-1], count, rows.shape[-1]), rows.dtype)
    flat = rows.reshape(-1, rows.shape[-1])
    sums.reshape(-1, rows.shape[-1])[ordered[starts]] = np.add.reduceat(flat[order], starts, axis=0)
    return sums


def _sum_by_product(ids: Ids, rows: Floats, count: int) -> Floats:
    """Do it with a one-hot matrix, for some thousand rows at a time, which bounds the matrix."""
    spans = [
        slice(start, start + ROWS_AT_ONCE)
        for start in range(0, max(1, rows.shape[-2]), ROWS_AT_ONCE)
    ]
    tokens = np.arange(count)[:, None]
    return reduce(
        np.add,
        ((tokens == ids[..., None, at]).astype(rows.dtype) @ rows[..., at, :] for at in spans),
    )


def number_rows(ids: Ids, count: int) -> Ids:
    """Number the rows of all tables consecutively: (…, T, B)."""
    tables = np.prod(ids.shape[:-2], dtype=int)
    numbers: Ids = ids + (np.arange(tables) * count).reshape(*ids.shape[:-2], 1, 1)
    return numbers
