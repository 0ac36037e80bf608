"""From features at every position to one vector per string, over the real positions only."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads, Ids, Lengths, flat_rows
from nlptrain.numpy_nn.embedding import Embedded, mean_embedding
from nlptrain.numpy_nn.layer import Context, Layer, Words


def real_positions(lengths: Lengths, positions: int) -> NDArray[np.bool_] | None:
    """Mark the positions that are not padding: (…, B) → (…, T, B, 1); None if there is none.

    Batches group strings of similar length, so there is often nothing to mask.
    """
    if lengths.min() >= positions:
        return None
    real: NDArray[np.bool_] = np.arange(positions)[:, None] < lengths[..., None, :]
    return real[..., None]


def mean(features: Floats, lengths: Lengths) -> tuple[Floats, Backward]:
    """Average over the real positions: (…, T, B, F) → (…, B, F); an empty string gives zeros."""
    real = real_positions(lengths, features.shape[-3])
    share = (1 / np.maximum(lengths, 1)).astype(features.dtype)[..., None]
    # Not a product, as values at pads may be infinite.
    y = (features if real is None else np.where(real, features, 0)).sum(axis=-3)
    y *= share

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        each = (grad_y * share)[..., None, :, :]
        return np.broadcast_to(each, features.shape) if real is None else each * real, {}

    return y, backward


def maximum(features: Floats, lengths: Lengths) -> tuple[Floats, Backward]:
    """Take the maximum over the real positions: (…, T, B, F) → (…, B, F); empty gives zeros.

    Positions that share the maximum share its gradient, as in torch's amax.
    """
    real = real_positions(lengths, features.shape[-3])
    if real is None:
        y = features.max(axis=-3)
    else:
        largest = np.where(real, features, -np.inf).max(axis=-3)
        y = np.where(lengths[..., None] > 0, largest, 0).astype(features.dtype, copy=False)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        is_largest = features == y[..., None, :, :]
        if real is not None:
            is_largest &= real
        chosen = is_largest.astype(grad_y.dtype)
        chosen *= (grad_y / np.maximum(chosen.sum(axis=-3), 1))[..., None, :, :]
        return chosen, {}

    return y, backward


def last(
    features: Floats, lengths: Lengths, reverse_from: int | None = None
) -> tuple[Floats, Backward]:
    """Take the features where reading ends: (…, T, B, F) → (…, B, F); empty gives zeros.

    Reading forward ends at the last real position, reading backward at the first.

    Args:
        features: (…, T, B, F).
        lengths: Real positions of each string (…, B).
        reverse_from: The first feature that was read backward; None if there is none.
    """
    rows = flat_rows(np.maximum(lengths - 1, 0)[..., None, :], features)[..., 0, :]
    is_empty = (lengths == 0)[..., None]
    y = features.reshape(-1, features.shape[-1]).take(rows, axis=0)
    if reverse_from is not None:
        y[..., reverse_from:] = features[..., 0, :, reverse_from:]
    np.copyto(y, 0, where=is_empty)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad = grad_y.copy()
        np.copyto(grad, 0, where=is_empty)
        grad_features = np.zeros(features.shape, features.dtype)
        flat = grad_features.reshape(-1, features.shape[-1])
        if reverse_from is None:
            flat[rows] = grad
        else:
            flat[rows, :reverse_from] = grad[..., :reverse_from]
            grad_features[..., 0, :, reverse_from:] = grad[..., reverse_from:]
        return grad_features, {}

    return y, backward


class Readout(Layer):
    """Features (…, P, B, F) → one vector per string (…, B, F).

    Attributes:
        forgets_order: Whether the order of the positions makes no difference.
    """

    forgets_order: bool

    @property
    @abstractmethod
    def words(self) -> Words:
        """The readout in plain words."""

    @property
    def parts(self) -> dict[str, "Readout"]:
        """The readouts of one kind in it, by what stands before their arrays' names."""
        return {"": self}

    def origins(self, features: Floats) -> Ids | None:
        """Return which position each feature of one string (P, F) came from; None for several."""
        return None

    def shares(self, features: Floats, arrays: Arrays) -> Floats | None:
        """Return the learnt share of each position of one string (P, F) → (P,); None: no such."""
        return None


@dataclass(frozen=True)
class Mean(Readout):
    """The mean over the positions."""

    takes_ids = True
    forgets_order = True
    label = "mean"
    words = Words(
        "mean",
        "The mean of the {rows}, one vector for the string; pads are left out.",
        formula=r"y = \frac{1}{T} \sum_{t=1}^{T} h_t",
    )

    def forward(
        self, x: Floats | Embedded, arrays: Arrays, context: Context
    ) -> tuple[Floats, Backward]:
        """Average, without looking up embeddings."""
        if not isinstance(x, Embedded):
            return mean(x, context.lengths)
        y, to_table = mean_embedding(x.ids, x.table, context.lengths)
        return y, lambda grad: (to_table(grad), {})


@dataclass(frozen=True)
class Maximum(Readout):
    """The largest number of each feature."""

    forgets_order = True
    label = "max"
    words = Words(
        "max",
        "The largest number of each column over the {rows}, and where it is; pads are left out.",
        formula=r"y_j = \max_t h_{t,j}",
    )

    def origins(self, features: Floats) -> Ids | None:
        """Return the positions of the maxima (F,), the first among equals."""
        return features.argmax(axis=0) if len(features) else None

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Take the maximum."""
        return maximum(x, context.lengths)


@dataclass(frozen=True)
class Last(Readout):
    """The features where reading ends; those from `reverse_from` on were read backward."""

    reverse_from: int | None = None

    forgets_order = False
    label = "last"

    @property
    def words(self) -> Words:
        """The readout in plain words."""
        if self.reverse_from is None:
            sentence = "The last row, which represents the whole string; pads are left out."
            return Words("last", sentence, formula=r"y = h_T")
        sentence = "The row where reading ends: the last one forward, the first one backward."
        formula = r"y = (\overrightarrow{h}_T,\ \overleftarrow{h}_1)"
        return Words("last", sentence, formula=formula)

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Take the features where reading ends."""
        return last(x, context.lengths, self.reverse_from)
