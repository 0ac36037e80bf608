"""A linear model on counts, trained with the network's own loss and Adam: a shallow baseline."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlptrain.evaluation.string_counts import StringCounts
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.settings import kinds

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.floating]

LEARNING_RATE = 0.05
WEIGHT_DECAY = 1e-5
BATCH_SIZE = 256
LEAST_STEPS = 600
"""Fewest updates; more if there are many strings, so that each is seen a few times."""
LEAST_EPOCHS = 6


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
        logits: Floats = _to_matrix(counts, self.scale) @ self.weight + self.bias
        return logits

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
    matrix = _to_matrix(counts, scale)
    # Sizes differ by at most one string, so that all strings have equal weight.
    number = -(-counts.shape[0] // BATCH_SIZE)
    places = np.array_split(generator.permutation(counts.shape[0]), number)
    parts = [(matrix[rows], classes[rows]) for rows in places]
    batches = [(batch, batch.T.tocsr(), answers) for batch, answers in parts]
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
        batch, transposed, answers = batches[order[step % len(batches)]]
        logits = batch @ parameters.views["weight"] + parameters.views["bias"]
        _, grad = loss(kind, logits, answers)
        gradient.views["weight"][:] = transposed @ grad
        gradient.views["bias"][:] = grad.sum(axis=0)
        optimizer.step(gradient.vector, LEARNING_RATE * (1 - step / total))
    return LinearModel(parameters.views["weight"], parameters.views["bias"], scale)


def _column_scale(counts: StringCounts) -> Floats:
    """Return each column's root mean square over its nonzero counts: (K,)."""
    entries = np.bincount(counts.columns, minlength=counts.shape[1])
    squares = np.bincount(counts.columns, counts.values**2, counts.shape[1])
    return np.sqrt(np.maximum(squares, 1) / np.maximum(entries, 1))


def _to_matrix(counts: StringCounts, scale: Floats) -> "csr_array[np.float32]":
    """Divide the counts by each column's scale, as a sparse matrix: (N, K)."""
    from scipy.sparse import csr_array

    values = (counts.values / scale[counts.columns]).astype(np.float32)
    return csr_array((values, (counts.rows, counts.columns)), shape=counts.shape)
