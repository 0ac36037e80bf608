"""Training strings as tensors of the device that computes."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlptrain.torch_nn.transfer import to_device
from nlptrain.training.learner import Batch


@dataclass(eq=False, slots=True)
class DeviceBatch:
    """A batch in the memory of a device.

    Attributes:
        ids: Token ids (B, T), 0 at pads.
        lengths: Characters of each string (B,).
        known: The same in host memory (B,), so that nobody waits for the device to know them.
        classes: Class indices (B,).
        weights: Of each string in the loss (B,), or None.
    """

    ids: Tensor
    lengths: Tensor
    known: NDArray[np.int64]
    classes: Tensor
    weights: Tensor | None

    @property
    def size(self) -> int:
        """Number of strings for which dropout is drawn, B."""
        return len(self.classes)

    def arguments(self) -> dict[str, Any]:
        """List the arguments of the network."""
        return text_arguments(self.ids, self.lengths, self.known)


class Forward(NamedTuple):
    """What a forward pass gives, while its device may still compute it.

    Attributes:
        logits: (B, 1 or C).
        loss: Added up over the heads, a scalar.
        heads: How many there are.
    """

    logits: Tensor
    loss: Tensor
    heads: int


def move_batch(batch: Batch, device: torch.device, dtype: torch.dtype) -> DeviceBatch:
    """Copy a batch to a device, its weights in the precision of the loss."""
    weights = None if batch.weights is None else to_device(batch.weights, device).to(dtype)
    return DeviceBatch(
        to_device(batch.ids, device),
        to_device(batch.lengths, device),
        batch.lengths,
        to_device(batch.classes, device),
        weights,
    )


def text_arguments(ids: Tensor, lengths: Tensor, known: NDArray[np.int64]) -> dict[str, Any]:
    """List the arguments of the network for padded strings."""
    padded = bool(known.min() < ids.shape[1])
    return {"ids": ids, "lengths": lengths, "padded": padded, "known": known}
