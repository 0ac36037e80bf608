"""Strings as token ids in one flat array, padded only batch by batch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.windows import read_windows

PAD_ID = 0
MANY = 1 << 20
"""Positions of a batch, pads included, up to which their memory makes no difference."""
MIXED = 4
"""Share of the positions, one in so many, from which pads are so many that they do."""


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """Strings as token ids, concatenated, so that a long string does not pad the others.

    Attributes:
        ids: Token ids of all strings: (sum of lengths,).
        starts: Where each string starts in `ids`: (N,).
        lengths: Token ids of each string, after truncation: its characters and marks (N,).
        cut: Number of strings longer than the maximum length.
        unknown: Number of unknown characters, after truncation.
    """

    ids: NDArray[np.integer]
    starts: NDArray[np.integer]
    lengths: NDArray[np.int64]
    cut: int
    unknown: int

    def __len__(self) -> int:
        """Return the number of strings."""
        return len(self.lengths)

    def batch(self, indices: NDArray[np.integer]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Gather some strings, padded to the longest, and to at least one character.

        Args:
            indices: Indices of the strings, in the batch's order: (B,).

        Returns:
            Token ids (B, T) and lengths (B,).
        """
        lengths = self.lengths[indices]
        width = max(1, int(lengths.max(initial=0)))
        if self.ids.size == 0:
            return np.zeros((len(lengths), width), np.int32), lengths
        if len(lengths) * width > max(MIXED * lengths.sum(), MANY):
            return self._copy_each(indices, lengths), lengths
        # Beyond a string's end this reads the next strings, which the product turns into pads.
        ids = read_windows(self.ids, self.starts[indices], width)
        if lengths.min(initial=width) < width:
            ids *= np.arange(width) < lengths[:, None]
        return ids.astype(np.int32, copy=False), lengths

    def _copy_each(
        self, indices: NDArray[np.integer], lengths: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        """Gather them one by one: pads that nobody writes take no memory, on most systems."""
        ids = np.zeros((len(lengths), lengths.max()), np.int32)
        starts = self.starts[indices].tolist()
        for row, start, length in zip(ids, starts, lengths.tolist(), strict=True):
            row[:length] = self.ids[start : start + length]
        return ids
