"""A split as token ids, and the network's logits for all of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.batches import epoch_batches, ordered_batches
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
    """

    texts: EncodedTexts
    classes: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the strings."""
        return len(self.classes)

    @property
    def has_unknown(self) -> bool:
        """Whether `[unk]` occurs."""
        return self.texts.unknown > 0

    def class_sizes(self, num_classes: int) -> NDArray[np.int64]:
        """Count the strings of each class: (C,)."""
        return np.bincount(self.classes, minlength=num_classes)

    def batches(self, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        """Iterate over the batches of an epoch, a function of seed and epoch."""
        for indices in epoch_batches(self.texts.lengths, batch_size, seed, epoch):
            yield self.batch(indices)

    def batch(self, indices: NDArray[np.integer]) -> Batch:
        """Collect some strings as a batch."""
        ids, lengths = self.texts.batch(indices)
        return Batch(ids, lengths, self.classes[indices])


def compute_logits(compute: ComputeLogits, texts: EncodedTexts) -> NDArray[np.floating]:
    """Compute the logits of all strings, batching similar lengths: (…, N, 1 or C)."""
    batches = ordered_batches(texts.lengths, EVALUATION_BATCH_SIZE)
    tracked = track(batches, "evaluating", len(batches))
    by_length = np.concatenate([compute(*texts.batch(batch)) for batch in tracked], axis=-2)
    logits = np.empty_like(by_length)
    logits[..., np.concatenate(batches), :] = by_length
    return logits
