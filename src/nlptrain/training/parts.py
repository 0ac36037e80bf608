"""A batch of long strings computed in parts, so that a step's memory depends on its characters.

The loss is a mean over the strings, so the gradient of a batch is the sum of those of its parts,
each with its share of the strings. Strings of like length share a part, which has few pads.
"""

import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.batches import Indices, ordered_batches
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats, Grads
from nlptrain.numpy_nn.branches_in_blocks import find_branches
from nlptrain.numpy_nn.embedding import Embedding
from nlptrain.numpy_nn.row_gradient import RowGradient, add_row_gradients
from nlptrain.numpy_nn.step import Step
from nlptrain.training.learner import Batch

NUMBERS = 1 << 24
"""Numbers that the layers compute for one part, pads included: 64 MiB in float32."""
FEW_POSITIONS = 1 << 12
"""Positions of a batch that are one part, whatever the network."""
LEAST_PER_POSITION = 32
"""Numbers that a position takes however small the layers are: token ids, n-grams."""

Compute = Callable[[Batch, Floats | None], tuple[Floats, Floats, Grads]]
"""(batch, dropout mask) → logits, loss, gradients: `compute_gradients` of some network."""


def list_parts(architecture: Architecture, lengths: NDArray[np.int64]) -> list[Indices]:
    """Cut a batch into parts whose features fit in the memory; most batches are one part.

    Args:
        architecture: Of the network by hand.
        lengths: Characters of each string (B,).

    Returns:
        The indices of each part's strings.
    """
    wanted = len(lengths) * lengths.max(initial=0)
    if wanted <= FEW_POSITIONS or wanted <= (most := most_positions(architecture)):
        return [np.arange(len(lengths))]
    return ordered_batches(lengths, len(lengths), most)


@lru_cache(maxsize=16)
def most_positions(architecture: Architecture) -> int:
    """Return how many positions a part has at most, but for a longer string alone.

    Batch normalization needs all strings at once, so then there is no limit.
    """
    if architecture.buffer_shapes():
        return sys.maxsize
    in_blocks = find_branches(architecture.steps)
    at_once = [step for step in architecture.steps if step.name not in in_blocks]
    return NUMBERS // max(LEAST_PER_POSITION, sum(map(numbers_per_position, at_once)))


def numbers_per_position(step: Step) -> int:
    """Count what a layer computes at a position: its output, or its products if they are more.

    The embedding may be folded into the next layer, and a layer without parameters behind it into
    the readout.
    """
    if not step.per_position or isinstance(step.layer, Embedding):
        return 0
    products = sum(
        each.shape[0]
        for each in step.layer.parameters(step.input_size).values()
        if len(each.shape) > 1 and not each.is_recurrent
    )
    return max(step.output_size, products) if products else 0


def compute_in_parts(
    compute: Compute,
    batch: Batch,
    mask: Floats | None,
    parts: Sequence[Indices],
    class_weights: NDArray[np.floating] | None,
) -> tuple[Floats, Floats, Grads]:
    """Compute a batch's logits, loss and gradients from those of its parts.

    Args:
        compute: The same for one part.
        batch: All strings.
        mask: Dropout of all strings (…, B, F), or None.
        parts: What `list_parts` returned.
        class_weights: (C,), or None.
    """
    by_class = (
        np.ones(len(batch.lengths)) if class_weights is None else class_weights[batch.classes]
    )
    results = []
    for part in parts:
        lengths = batch.lengths[part]
        ids = batch.ids[part, : max(1, lengths.max())]
        own_weights = None if batch.weights is None else batch.weights[part]
        own = Batch(ids, lengths, batch.classes[part], own_weights)
        results.append(compute(own, None if mask is None else mask[..., part, :]))
    shares = [float(by_class[part].sum() / by_class.sum()) for part in parts]
    in_order = np.concatenate([each for each, _, _ in results], axis=-2)
    logits = np.empty_like(in_order)
    logits[..., np.concatenate(parts), :] = in_order
    value = _add([loss for _, loss, _ in results], shares)
    grads = [own for _, _, own in results]
    return logits, value, {name: _add([own[name] for own in grads], shares) for name in grads[0]}


def _add(gradients: Sequence[Any], shares: Sequence[float]) -> Any:
    """Add up an array's gradients, each times its share."""
    pairs = list(zip(gradients, shares, strict=True))
    if isinstance(gradients[0], RowGradient):
        scaled = [RowGradient(each.rows, each.values * share) for each, share in pairs]
        return add_row_gradients(scaled)
    return reduce(np.add, (each * share for each, share in pairs))
