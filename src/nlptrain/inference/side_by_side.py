"""Several requests in one computation, with the bits that each would have alone.

A matrix product of another number of rows rounds otherwise, and so does a sum over more pads. So
the strings of several requests are not put into one batch. Instead, batches of the same shape, one
or more of each request, go side by side along the leading axis M (`numpy_nn/arrays.py`), as if
each had a network of its own: its products are those of its own batch, and only the calls around
them are shared. What goes string by string, encoding before and deciding behind, is done for all.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from nlptrain.inference.model import BATCH_NUMBERS, Decisions, Model
from nlptrain.numpy_nn.arrays import Floats, Ids, Lengths
from nlptrain.numpy_nn.members import Members, join_logits
from nlptrain.text.encoding import EncodedTexts

MOST_BESIDE = 64
"""Batches side by side; more are hardly faster."""

Indices = NDArray[np.int64]


def decide_each(model: Model, requests: Sequence[Sequence[str]]) -> list[Decisions]:
    """Decide the strings of each request, each bit as `model.decide` does for it alone.

    Args:
        model: The network.
        requests: The strings of each request.
    """
    texts = model.file.text.normalize([text for texts in requests for text in texts])
    encoded = model.file.text.encode_normalized(texts)
    starts = list(accumulate(map(len, requests), initial=0))
    logits = model.room_for(encoded)
    for (size, longest), batches in _batches_by_shape(model, encoded.lengths, starts).items():
        most = _count_beside(model, size * longest)
        for first in range(0, len(batches), most):
            _compute(model, encoded, np.stack(batches[first : first + most]), logits)
    decided = model.conclude(encoded, logits)
    unknown, cut = _count_unknown(model, encoded, starts), _count_cut(model, texts, starts)
    return [
        Decisions(decided.classes[start:end], decided.probabilities[start:end], *counts)
        for (start, end), *counts in zip(pairwise(starts), unknown, cut, strict=True)
    ]


def _batches_by_shape(
    model: Model, lengths: Lengths, starts: Sequence[int]
) -> dict[tuple[int, int], list[Indices]]:
    """Cut each request's strings into batches: by shape (B, T), the indices of each."""
    by_shape: dict[tuple[int, int], list[Indices]] = defaultdict(list)
    for start, end in pairwise(starts):
        for batch in model.batches(lengths[start:end]):
            indices = batch + start
            longest = max(1, int(lengths[indices[-1]]))  # They are sorted by length.
            by_shape[len(indices), longest].append(indices)
    return by_shape


def _count_unknown(model: Model, encoded: EncodedTexts, starts: Sequence[int]) -> list[int]:
    """Count the unknown characters of each request."""
    is_unknown = encoded.ids == model.file.text.vocabulary.unk_id
    before = np.concatenate([[0], is_unknown.cumsum()])
    places = np.concatenate([[0], encoded.lengths.cumsum()])[starts]
    counts: list[int] = np.diff(before[places]).tolist()
    return counts


def _count_cut(model: Model, texts: Sequence[str], starts: Sequence[int]) -> list[int]:
    """Count the strings of each request that are longer than the network reads."""
    longest = model.file.text.max_length
    if longest is None:
        return [0] * (len(starts) - 1)
    return [sum(len(text) > longest for text in texts[a:b]) for a, b in pairwise(starts)]


def _count_beside(model: Model, positions: int) -> int:
    """Count the batches of so many positions that go side by side.

    Each has its own copy of what is looked up, the embedding or its product with the first
    weights, so there are few where the vocabulary is large; n-grams have no axis M.
    """
    architecture = model.file.architecture
    if architecture.tables:
        return 1
    width = max(architecture.embedding_dim, 4 * architecture.num_features)
    numbers = (positions + architecture.vocabulary_size) * width
    return min(MOST_BESIDE, max(1, 8 * BATCH_NUMBERS // numbers))


def _compute(model: Model, encoded: EncodedTexts, batches: Indices, logits: Floats) -> None:
    """Compute the logits (N, 1 or C) of batches of one shape: indices (M, B)."""
    ids, lengths = encoded.batch(batches.reshape(-1))
    if len(batches) == 1:
        logits[batches[0]] = model.network.logits(ids, lengths)
        return
    ids = ids.reshape(*batches.shape, -1)
    logits[batches] = _logits_beside(model.network, ids, lengths.reshape(batches.shape))


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
