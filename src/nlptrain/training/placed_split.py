"""Training strings in a device's memory, from which its batches are gathered."""

from collections.abc import Iterator

import numpy as np
import torch

from nlptrain.datasets.batches import epoch_batches
from nlptrain.torch_nn.transfer import to_device
from nlptrain.training.device_batch import DeviceBatch, move_batch
from nlptrain.training.encoded_split import EncodedSplit
from nlptrain.training.learner_ahead import BatchSource
from nlptrain.training.streamed_split import StreamedSplit

SHARE = 0.25
"""Of a device's free memory, at most as much for the strings: the network needs the rest."""

ROWS = 2**16
"""Strings that are padded and copied at a time."""


def place_split(split: EncodedSplit, device: torch.device, dtype: torch.dtype) -> BatchSource:
    """Copy a split to a device as a whole, or batch by batch if it is too large or streamed."""
    longest = max(1, int(split.texts.lengths.max(initial=0)))
    size = len(split.texts) * longest * np.dtype(np.int32).itemsize
    if isinstance(split, StreamedSplit) or size > SHARE * find_free_memory(device):
        return MovedSplit(split, device, dtype)
    return PlacedSplit(split, device, dtype, longest)


def find_free_memory(device: torch.device) -> float:
    """Find how many bytes of a device are free; a CPU has the strings in its memory anyway."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else float("inf")


class MovedSplit:
    """A split whose batches are made in host memory and copied one by one."""

    def __init__(self, split: EncodedSplit, device: torch.device, dtype: torch.dtype) -> None:
        self._split, self._device, self._dtype = split, device, dtype

    def batches(self, batch_size: int, seed: int, epoch: int) -> Iterator[DeviceBatch]:
        """Iterate over the batches of an epoch, a function of seed and epoch."""
        for batch in self._split.batches(batch_size, seed, epoch):
            yield move_batch(batch, self._device, self._dtype)


class PlacedSplit:
    """A split in a device's memory, each string padded to the longest of all."""

    def __init__(
        self, split: EncodedSplit, device: torch.device, dtype: torch.dtype, longest: int
    ) -> None:
        self._device = device
        self._known = split.texts.lengths
        self._ids = torch.zeros((len(split.texts), longest), dtype=torch.int32, device=device)
        for start in range(0, len(self._ids), ROWS):
            rows = np.arange(start, min(start + ROWS, len(self._ids)))
            ids, _ = split.texts.batch(rows)
            self._ids[start : start + len(rows), : ids.shape[1]] = to_device(ids, device)
        self._lengths = to_device(self._known, device)
        self._classes = to_device(split.classes, device)
        weights = split.weights
        self._weights = None if weights is None else to_device(weights, device).to(dtype)

    def batches(self, batch_size: int, seed: int, epoch: int) -> Iterator[DeviceBatch]:
        """Iterate over the batches of an epoch: those of the split, a function of seed and epoch.

        All but the token ids is put in order once, so that a batch of it is a part without a copy.
        """
        cuts = epoch_batches(self._known, batch_size, seed, epoch)
        places = np.concatenate(cuts)
        known, order = self._known[places], to_device(places, self._device)
        lengths, classes = self._lengths[order], self._classes[order]
        weights = None if self._weights is None else self._weights[order]
        start = 0
        for cut in cuts:
            part = slice(start, start := start + len(cut))
            longest = max(1, int(known[part].max()))
            yield DeviceBatch(
                self._ids[:, :longest].index_select(0, order[part]),
                lengths[part],
                known[part],
                classes[part],
                None if weights is None else weights[part],
            )
