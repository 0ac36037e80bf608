"""Several requests in one computation, with the bits that each would have alone.

A matrix product of another number of rows rounds otherwise, and so does a sum over more pads. So
the strings of several requests are not put into one batch. Instead, batches of the same shape, one
or more of each request, go side by side along the leading axis M (`numpy_nn/arrays.py`), as if
each had a network of its own: its products are those of its own batch, and only the calls around
them are shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlptrain.inference.model import BATCH_NUMBERS, Decisions, Model
from nlptrain.numpy_nn.arrays import Floats, Ids, Lengths
from nlptrain.numpy_nn.members import Members, join_logits
from nlptrain.text.encoding import EncodedTexts

MOST_BESIDE = 64
"""Batches side by side; more are hardly faster."""


@dataclass(frozen=True, eq=False)
class _Batch:
    """A batch of one request, and where its logits go: (B, 1 or C)."""

    ids: Ids
    lengths: Lengths
    indices: NDArray[np.int64]
    result: Floats


def decide_each(model: Model, requests: Sequence[Sequence[str]]) -> list[Decisions]:
    """Decide the strings of each request, each bit as `model.decide` does for it alone.

    Args:
        model: The network.
        requests: The strings of each request.
    """
    encoded = [model.file.text.encode(texts) for texts in requests]
    results = [model.room_for(each) for each in encoded]
    by_shape: dict[tuple[int, ...], list[_Batch]] = {}
    for each, result in zip(encoded, results, strict=True):
        for batch in _batches(model, each, result):
            by_shape.setdefault(batch.ids.shape, []).append(batch)
    for batches in by_shape.values():
        most = _count_beside(model, batches[0].ids.size)
        for start in range(0, len(batches), most):
            _compute(model, batches[start : start + most])
    return [model.conclude(*pair) for pair in zip(encoded, results, strict=True)]


def _batches(model: Model, encoded: EncodedTexts, result: Floats) -> list[_Batch]:
    batches = model.batches(encoded)
    return [_Batch(*encoded.batch(indices), indices, result) for indices in batches]


def _count_beside(model: Model, positions: int) -> int:
    """Count the batches of so many positions that go side by side.

    Each has its own copy of what is looked up, the embedding or its product with the first
    weights, so there are few where the vocabulary is large; n-grams have no axis M.
    """
    architecture = model.file.architecture
    if architecture.tables():
        return 1
    width = max(architecture.embedding_dim, 4 * architecture.num_features)
    numbers = (positions + architecture.vocabulary_size) * width
    return min(MOST_BESIDE, max(1, 8 * BATCH_NUMBERS // numbers))


def _compute(model: Model, batches: list[_Batch]) -> None:
    """Compute the logits of batches of one shape."""
    if len(batches) == 1:
        (batch,) = batches
        batch.result[batch.indices] = model.network.logits(batch.ids, batch.lengths)
        return
    ids = np.stack([batch.ids for batch in batches])
    lengths = np.stack([batch.lengths for batch in batches])
    for batch, logits in zip(batches, _logits_beside(model.network, ids, lengths), strict=True):
        batch.result[batch.indices] = logits


def _logits_beside(members: Members, ids: Ids, lengths: Lengths) -> Floats:
    """Compute the logits of batches side by side: ids (M, B, T) → (M, B, 1 or C)."""
    beside = [
        replace(
            network,
            arrays={
                name: np.broadcast_to(array, (len(ids), *array.shape)) if array.ndim else array
                for name, array in network.arrays.items()
            },
        ).logits(ids, lengths)
        for network in members.networks
    ]
    return join_logits(np.stack(beside))
