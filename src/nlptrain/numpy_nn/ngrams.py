"""N-gram embeddings: a vector for each n-gram of characters, added up over the string.

The sum is divided by the root of the number of n-grams, so that it is about as large for a long
string as for a short one. Subword vectors in this way: Bojanowski et al. 2017; as a classifier:
Joulin et al. 2017 (fastText), which takes the mean.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, assert_never

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Ids, Lengths
from nlptrain.numpy_nn.layer import Context, Encoder, Parameter, Shape, Words
from nlptrain.numpy_nn.ngram_ids import UNKNOWN, find_rows, hash_rows, index_keys, list_keys
from nlptrain.numpy_nn.row_gradient import sum_by_row
from nlptrain.settings import kinds

BLOCK = 64
"""N-grams of each string that are looked up at a time, so that long strings take little memory."""


class Readings(NamedTuple):
    """Which rows of the table some strings read.

    Attributes:
        rows: The row of each n-gram, by string; `UNKNOWN` if it has none (B, P).
        places: Where each n-gram begins, marks counted, and its n.
        scale: What each string's sum is multiplied with (B,).
    """

    rows: Ids
    places: list[tuple[int, int]]
    scale: NDArray[np.float64]


@dataclass(frozen=True)
class NGrams(Encoder):
    """Token ids → one vector per string.

    Attributes:
        sizes: Each n, ascending.
        dim: Length of an n-gram's vector.
        boundaries: Whether the ends of a string are part of its n-grams, as marks.
        combine: scaled_sum divides by √n, with n the number of n-grams that have a row; mean by n.
        count: Rows of the table, K.
        hashed: Whether the rows are buckets; otherwise each is that of one known n-gram.
        vocabulary_size: V; the marks are V and V + 1.
    """

    sizes: tuple[int, ...] = (1, 2, 3, 4, 5)
    dim: int = 64
    boundaries: bool = True
    combine: kinds.Combine = "scaled_sum"
    count: int = 1
    hashed: bool = False
    vocabulary_size: int = 2
    type: Literal["ngrams"] = "ngrams"

    @property
    def letters_in_view(self) -> int:
        """The longest n-gram."""
        return max(self.sizes)

    @property
    def words(self) -> Words:
        """The layer in plain words."""
        by, factor = "their number", r"\frac{1}{n}"
        if self.combine == "scaled_sum":
            by, factor = "the root of their number", r"\frac{1}{\sqrt{n}}"
        sizes = ", ".join(map(str, self.sizes))
        return Words(
            "n-grams → features",
            f"The vectors of all n-grams of {sizes} characters, added up and divided by {by}.",
            formula=rf"y = {factor} \sum_{{i=1}}^{{n}} v_i",
        )

    def is_sound(self, vocabulary_size: int) -> bool:
        """Return whether a file's settings describe n-grams of a vocabulary."""
        ascending = list(self.sizes) == sorted(set(self.sizes))
        return (
            bool(self.sizes)
            and ascending
            and self.sizes[0] > 0
            and self.count > 0
            and self.vocabulary_size == vocabulary_size
        )

    def output_size(self, input_size: int) -> int:
        """Return the length of a vector."""
        return self.dim

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List the table of vectors."""
        return {"weight": Parameter((self.count, self.dim), _draw_table, by_rows=True)}

    def constants(self) -> dict[str, Shape]:
        """List the keys of the known n-grams, ascending: row k of the table is that of key k."""
        return {} if self.hashed else {"keys": (self.count,)}

    def bind(self, arrays: Arrays) -> Arrays:
        """Add the index of the keys."""
        if self.hashed:
            return arrays
        ended, starts = index_keys(arrays["keys"])
        return {**arrays, "ended": ended, "starts": starts}

    def forward(self, x: Ids, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Compute each string's vector: (T, B) → (B, F)."""
        y, backward = self.pool(x, context.lengths, arrays)
        return y, lambda grad: (None, {"weight": backward(grad)})

    def read(self, ids: Ids, lengths: Lengths, arrays: Arrays) -> Readings:
        """Find the rows of all n-grams.

        Args:
            ids: Token ids (T, B).
            lengths: Characters of each string (B,).
            arrays: What `bind` returned.
        """
        begin = self.vocabulary_size if self.boundaries else None
        listed = list(list_keys(ids, lengths, self.sizes, begin))
        # All sizes at once: the batches of a training are so small that each call counts.
        none = np.zeros((0, len(lengths)), np.uint64)
        keys = np.concatenate([none, *(keys for _, keys, _ in listed)])
        is_whole = np.concatenate([none.astype(bool), *(whole for _, _, whole in listed)])
        if self.hashed:
            rows = hash_rows(keys, self.count)
        else:
            rows = find_rows(keys, arrays["ended"], arrays["starts"])
        by_string = np.ascontiguousarray(np.where(is_whole, rows, np.int32(UNKNOWN)).T)
        number = np.maximum(np.count_nonzero(by_string != UNKNOWN, axis=1), 1)
        places = [(start, size) for size, own, _ in listed for start in range(len(own))]
        return Readings(by_string, places, self._scale(number))

    def _scale(self, number: NDArray[np.int64]) -> NDArray[np.float64]:
        match self.combine:
            case "scaled_sum":
                return 1 / np.sqrt(number)
            case "mean":
                return 1 / number
            case _:
                assert_never(self.combine)

    def pool(self, ids: Ids, lengths: Lengths, arrays: Arrays) -> tuple[Floats, Any]:
        """Add up the vectors of each string's n-grams: y = c Σ weight[row].

        dL/dweight[r] = Σ c dL/dy over the n-grams with row r.

        Args:
            ids: Token ids (T, B), shared by all tables.
            lengths: Characters of each string (B,).
            arrays: What `bind` returned; the table is (K, F).

        Returns:
            Vectors (B, F), zeros for a string without known n-grams, and the function from their
            gradient to the table's, a `RowGradient`.
        """
        table = arrays["weight"]
        readings = self.read(ids, lengths, arrays)
        rows, scale = readings.rows, readings.scale.astype(table.dtype)[:, None]
        is_known = rows != UNKNOWN
        y = _sum_vectors(table, rows, is_known)
        y *= scale

        def backward(grad_y: Floats) -> Any:
            owners, places = np.nonzero(is_known)
            return sum_by_row(rows[owners, places], owners, grad_y * scale)

        return y, backward


def _sum_vectors(table: Floats, rows: Ids, is_known: NDArray[np.bool_]) -> Floats:
    """Add up the rows of each string: (B, P) → (B, F)."""
    y = np.zeros((len(rows), table.shape[1]), table.dtype)
    shares = is_known[:, None, :].astype(table.dtype)
    for start in range(0, rows.shape[1], BLOCK):
        block = slice(start, start + BLOCK)
        y += (shares[..., block] @ table.take(rows[:, block], axis=0, mode="clip"))[:, 0]
    return y


def _draw_table(shape: Shape, generator: "np.random.Generator") -> Floats:
    """Draw U(±1/F), as fastText does: a rare n-gram, hardly trained, must not drown the others."""
    bound = 1 / shape[1]
    return generator.uniform(-bound, bound, shape)
