"""Strings as TF-IDF vectors of their character n-grams, whose ends count as characters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.string_column import measure_lengths

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Matrix: TypeAlias = "csr_array[np.float32]"
_START, _END = "\x02", "\x03"


def count_ngrams(texts: Sequence[str], longest: int) -> Matrix:
    """Count the n-grams of 1 to `longest` characters of each string, with marks at both ends.

    Args:
        texts: N strings.
        longest: The largest n.

    Returns:
        Counts: (N, K), with a column for each n-gram found.
    """
    from scipy.sparse import csr_array

    marked = [f"{_START}{text}{_END}" for text in texts]
    lengths = measure_lengths(marked)
    codes = np.frombuffer("".join(marked).encode("utf-32-le", "surrogatepass"), "<u4")
    _, ranks = np.unique(codes, return_inverse=True)
    owners = np.repeat(np.arange(len(texts)), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))
    rows, columns = [owners], [ranks]
    grams, base, used = ranks, int(ranks.max(initial=0)) + 1, int(ranks.max(initial=-1)) + 1
    for size in range(2, longest + 1):
        # An n-gram is the one without its last character, and that character.
        pairs = grams[: len(codes) - size + 1] * base + ranks[size - 1 :]
        _, grams = np.unique(pairs, return_inverse=True)
        is_inside = left[: len(grams)] >= size
        rows.append(owners[: len(grams)][is_inside])
        columns.append(grams[is_inside] + used)
        used += int(grams.max(initial=-1)) + 1
    places = tuple(np.concatenate(parts).astype(np.int32) for parts in (rows, columns))
    # Made from pairs, a matrix adds up those that are equal.
    return csr_array((np.ones(len(places[0]), np.float32), places), shape=(len(texts), used))


def weigh_ngrams(train: Matrix, others: Matrix, min_count: int) -> tuple[Matrix, Matrix]:
    """Weigh counts by (1 + ln count) · (1 + ln((1 + N) / (1 + df))), each row of length 1.

    These are scikit-learn's `sublinear_tf` and smoothed idf (Salton and Buckley 1988).

    Args:
        train: Counts of the N training strings, which decide the columns and df: (N, K).
        others: Counts of more strings: (M, K).
        min_count: Fewest training strings, df, that an n-gram must stand in.
    """
    frequency = np.bincount(train.indices, minlength=train.shape[1])
    kept = np.flatnonzero(frequency >= min_count)
    weights = np.log((1 + train.shape[0]) / (1 + frequency[kept])) + 1
    return _weigh(train[:, kept], weights), _weigh(others[:, kept], weights)


def _weigh(counts: Matrix, weights: NDArray[np.float64]) -> Matrix:
    from scipy.sparse import csr_array

    values = (1 + np.log(counts.data)) * weights[counts.indices]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(rows, values**2, counts.shape[0]))
    scaled = (values / lengths[rows]).astype(np.float32)
    return csr_array((scaled, counts.indices, counts.indptr), shape=counts.shape)
