"""Which strings of a batch are a process's own, and what its mean loss counts in that of all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from nlptrain.training.device_batch import DeviceBatch
from nlptrain.training.learner import Batch


@dataclass(frozen=True, eq=False)
class OwnRows:
    """A process's part of a batch.

    Attributes:
        indices: Of its strings in the whole batch (B_r,); every string is one process's.
        batch: These strings; a process that has none computes with an empty string, which has no
            positions and counts nothing.
        share: What the mean loss of these strings is multiplied by, so that the sum over all
            processes is the mean loss of the whole batch.
    """

    indices: NDArray[np.int64]
    batch: Batch
    share: float


@dataclass(eq=False, slots=True, kw_only=True)
class SharedBatch(DeviceBatch):
    """A process's part of a batch, on its device.

    Attributes:
        rows: Of its strings in the whole batch (B_r,).
        share: As of `OwnRows`.
        whole: Strings of the whole batch, B.
    """

    rows: Tensor
    share: float
    whole: int

    @property
    def size(self) -> int:
        """Number of strings for which dropout is drawn: all of them, whoever computes them."""
        return self.whole


def take_own_rows(
    batch: Batch, rank: int, size: int, class_weights: NDArray[np.floating] | None
) -> OwnRows:
    """Take every `size`th string, as neighbours are of like length.

    Args:
        batch: Of all processes.
        rank: The number of this process.
        size: Number of processes.
        class_weights: (C,), or None.
    """
    indices = np.arange(rank, len(batch.classes), size)
    weights = batch.weights
    if len(indices) == 0:
        ids = np.zeros((1, batch.ids.shape[1]), batch.ids.dtype)
        zero = np.zeros(1, np.int64)
        own = Batch(ids, zero, zero, None if weights is None else np.ones(1, weights.dtype))
        return OwnRows(indices, own, share=0.0)
    own = Batch(
        batch.ids[indices],
        batch.lengths[indices],
        batch.classes[indices],
        None if weights is None else weights[indices],
    )
    if class_weights is None:
        return OwnRows(indices, own, len(indices) / len(batch.classes))
    by_class = class_weights[batch.classes]
    return OwnRows(indices, own, float(by_class[indices].sum() / by_class.sum()))
