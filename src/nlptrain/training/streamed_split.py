"""Training strings that are read anew in each epoch, as batches of token ids."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.batches import epoch_batches
from nlptrain.datasets.examples import Examples
from nlptrain.datasets.streamed_file import StreamedStrings
from nlptrain.files.model_file import TextPipeline
from nlptrain.training.encoded_split import EncodedSplit
from nlptrain.training.learner import Batch

STREAM = 0x57EA
"""Keeps the order of the shards apart from other random numbers of the same seed."""


@dataclass(frozen=True, eq=False)
class StreamedSplit(EncodedSplit):
    """A sample of the training strings, and all of them batch by batch.

    Attributes:
        stream: Reads them.
        text: How they become token ids.
    """

    stream: StreamedStrings
    text: TextPipeline

    def __len__(self) -> int:
        """Count the strings of an epoch."""
        return len(self.stream)

    @property
    def has_unknown(self) -> bool:
        """Whether `[unk]` occurs; beside a config's own vocabulary, in the sample."""
        own = self.text.vocabulary.characters != self.stream.vocabulary.characters
        return super().has_unknown if own else self.stream.has_rare_characters

    def class_sizes(self, num_classes: int) -> NDArray[np.int64]:
        """Count the strings of each class: (C,)."""
        assert num_classes == len(self.stream.class_sizes)  # noqa: S101 - both from the labels
        return self.stream.class_sizes

    def batches(self, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        """Iterate over the batches of an epoch, a function of seed and epoch."""
        for _, split, indices in self.cut(batch_size, seed, epoch):
            yield split.batch(indices)

    def cut(
        self, batch_size: int, seed: int, epoch: int
    ) -> Iterator[tuple[Examples, EncodedSplit, NDArray[np.int64]]]:
        """Cut an epoch into batches: strings, the same as token ids, and which of them.

        The shards come in a random order. What they hold is collected until it fills a window,
        and cut into batches there; what is left of it goes into the next, so that only the last
        batch may be smaller.
        """
        generator = np.random.default_rng([seed, epoch, STREAM])
        order = generator.permutation(self.stream.num_shards).tolist()
        waiting = Examples((), np.empty(0, np.int64))
        for examples in self.read(order):
            waiting = waiting + examples
            if len(waiting) < max(self.stream.window, batch_size):
                continue
            places = generator.permutation(len(waiting))
            whole = len(waiting) - len(waiting) % batch_size
            yield from self._cut_strings(waiting.take(places[:whole]), batch_size, generator)
            waiting = waiting.take(places[whole:])
        yield from self._cut_strings(waiting, batch_size, generator)

    def read(self, order: Sequence[int]) -> Iterator[Examples]:
        """Read the shards of an epoch in this order, one window after the other."""
        return self.stream.read(order)

    def _cut_strings(
        self, examples: Examples, batch_size: int, generator: np.random.Generator
    ) -> Iterator[tuple[Examples, EncodedSplit, NDArray[np.int64]]]:
        """Cut strings into batches."""
        split = EncodedSplit(self.text.encode_normalized(examples.texts), examples.classes)
        seed = int(generator.integers(1 << 62))
        for indices in epoch_batches(split.texts.lengths, batch_size, seed, 0):
            yield examples, split, indices
