"""A linear model on counts, trained with the network's own loss and Adam: a shallow baseline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.evaluation.string_counts import StringCounts
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.settings import kinds

Floats = NDArray[np.floating]

LEARNING_RATE = 0.05
WEIGHT_DECAY = 1e-5
BATCH_SIZE = 256
LEAST_STEPS = 600
"""Fewest updates; more if there are many strings, so that each is seen a few times."""
LEAST_EPOCHS = 6


@dataclass(frozen=True, eq=False)
class _Batch:
    """Some strings as a dense matrix, with only the columns that occur in them.

    Attributes:
        columns: Those columns: (U,).
        counts: (B, U).
        classes: (B,).
    """

    columns: NDArray[np.int64]
    counts: Floats
    classes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Logits x·W + b.

    Attributes:
        weight: For the scaled counts: (K, 1) with two classes, (K, C) with more.
        bias: (1,) or (C,).
        scale: Divides the counts of each column: (K,).
    """

    weight: Floats
    bias: Floats
    scale: Floats

    def logits(self, counts: StringCounts) -> Floats:
        """Compute logits: (N, 1) or (N, C)."""
        result = np.tile(self.bias, (counts.shape[0], 1))
        values = counts.values / self.scale[counts.columns]
        for place, weight in enumerate(self.weight.T):
            products = values * weight[counts.columns]
            result[:, place] += np.bincount(counts.rows, products, counts.shape[0])
        return result

    def predict(self, counts: StringCounts) -> NDArray[np.int64]:
        """Choose the class of each string: (N,)."""
        logits = self.logits(counts)
        if logits.shape[1] == 1:
            return np.where(logits[:, 0] >= 0, 1, 0)
        likeliest: NDArray[np.int64] = logits.argmax(axis=1)
        return likeliest


def fit_linear(
    counts: StringCounts,
    classes: NDArray[np.int64],
    num_classes: int,
    *,
    seed: int = 0,
    weight_decay: float = WEIGHT_DECAY,
    least_steps: int = LEAST_STEPS,
) -> LinearModel:
    """Minimize mean cross-entropy + weight_decay/2 · (|W|² + |b|²), which is convex.

    Adam over shuffled batches, with the learning rate decaying linearly to 0.

    Args:
        counts: Of N strings.
        classes: Their classes: (N,).
        num_classes: C.
        seed: Determines the batches.
        weight_decay: Strength of the penalty.
        least_steps: Fewest updates.
    """
    generator = np.random.default_rng(seed)
    scale = _column_scale(counts)
    batches = _cut(counts, classes, scale, generator)
    width = 1 if num_classes == 2 else num_classes
    shape = (counts.shape[1], width)
    parameters = ParameterVector(
        {"weight": np.zeros(shape, np.float32), "bias": np.zeros(width, np.float32)}
    )
    gradient = parameters.like()
    optimizer = Adam(parameters, weight_decay=weight_decay)
    kind: kinds.Loss = "bce" if num_classes == 2 else "cross_entropy"
    epochs = max(LEAST_EPOCHS, -(-least_steps // max(len(batches), 1)))
    total = epochs * len(batches)
    for step in range(total):
        if step % len(batches) == 0:
            order = generator.permutation(len(batches))
        batch = batches[order[step % len(batches)]]
        logits = batch.counts @ parameters.views["weight"][batch.columns]
        _, grad = loss(kind, logits + parameters.views["bias"], batch.classes)
        gradient.vector[:] = 0
        gradient.views["weight"][batch.columns] = batch.counts.T @ grad
        gradient.views["bias"][:] = grad.sum(axis=0)
        optimizer.step(gradient.vector, LEARNING_RATE * (1 - step / total))
    return LinearModel(parameters.views["weight"], parameters.views["bias"], scale)


def _column_scale(counts: StringCounts) -> Floats:
    """Return each column's root mean square over its nonzero counts: (K,)."""
    entries = np.bincount(counts.columns, minlength=counts.shape[1])
    squares = np.bincount(counts.columns, counts.values**2, counts.shape[1])
    return np.sqrt(np.maximum(squares, 1) / np.maximum(entries, 1))


def _cut(
    counts: StringCounts, classes: NDArray[np.int64], scale: Floats, generator: np.random.Generator
) -> list[_Batch]:
    strings = counts.shape[0]
    starts = np.searchsorted(counts.rows, np.arange(strings + 1))
    order = generator.permutation(strings)
    values = counts.values / scale[counts.columns]
    batches = []
    # Sizes differ by at most one string, so that all strings have equal weight.
    for rows in np.array_split(order, -(-strings // BATCH_SIZE)):
        sizes = starts[rows + 1] - starts[rows]
        entries = np.arange(sizes.sum()) + np.repeat(starts[rows] - np.cumsum(sizes) + sizes, sizes)
        columns, places = np.unique(counts.columns[entries], return_inverse=True)
        dense = np.zeros((len(rows), len(columns)), np.float32)
        dense[np.repeat(np.arange(len(rows)), sizes), places] = values[entries]
        batches.append(_Batch(columns, dense, classes[rows]))
    return batches
