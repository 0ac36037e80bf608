"""A split as token ids, and the network's logits for all of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.batches import epoch_batches, ordered_batches
from nlptrain.datasets.examples import Examples
from nlptrain.files.model_file import TextPipeline
from nlptrain.text.encoding import EncodedTexts
from nlptrain.tracking.stage import track
from nlptrain.training.learner import Batch, ComputeLogits

EVALUATION_BATCH_SIZE = 512


@dataclass(frozen=True, eq=False)
class EncodedSplit:
    """A split as the network reads it.

    Attributes:
        texts: Token ids.
        classes: Class indices (N,).
        weights: Of each string in the loss (N,), with the mean 1; None: all alike.
    """

    texts: EncodedTexts
    classes: NDArray[np.int64]
    weights: NDArray[np.floating] | None = field(default=None, kw_only=True)

    def __len__(self) -> int:
        """Count the strings."""
        return len(self.classes)

    @property
    def has_unknown(self) -> bool:
        """Whether `[unk]` occurs."""
        return self.texts.unknown > 0

    def class_sizes(self, num_classes: int) -> NDArray[np.number]:
        """Count the strings of each class, or add up their weights: (C,)."""
        return np.bincount(self.classes, self.weights, minlength=num_classes)

    def batches(self, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        """Iterate over the batches of an epoch, a function of seed and epoch."""
        for indices in epoch_batches(self.texts.lengths, batch_size, seed, epoch):
            yield self.batch(indices)

    def batch(self, indices: NDArray[np.integer]) -> Batch:
        """Collect some strings as a batch."""
        ids, lengths = self.texts.batch(indices)
        weights = None if self.weights is None else self.weights[indices]
        return Batch(ids, lengths, self.classes[indices], weights)


def encode_examples(text: TextPipeline, examples: Examples) -> EncodedSplit:
    """Encode a split's strings, and scale their weights, if they have any, to the mean 1."""
    weights = examples.weights
    if weights is not None and len(weights):
        weights = weights / weights.mean()
    return EncodedSplit(text.encode_normalized(examples.texts), examples.classes, weights=weights)


def compute_logits(compute: ComputeLogits, texts: EncodedTexts) -> NDArray[np.floating]:
    """Compute the logits of all strings, batching similar lengths: (…, N, 1 or C)."""
    batches = ordered_batches(texts.lengths, EVALUATION_BATCH_SIZE)
    tracked = track(batches, "evaluating", len(batches))
    by_length = np.concatenate([compute(*texts.batch(batch)) for batch in tracked], axis=-2)
    logits = np.empty_like(by_length)
    logits[..., np.concatenate(batches), :] = by_length
    return logits
