"""What the layers of a network in torch have in common."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlptrain.numpy_nn.layer import Layer
from nlptrain.torch_nn.transfer import to_device


def real_positions(lengths: Tensor, positions: int) -> Tensor:
    """Mark the positions that are not padding: (B,) → (B, T, 1)."""
    return (torch.arange(positions, device=lengths.device) < lengths[:, None]).unsqueeze(-1)


@dataclass(eq=False)
class Context:
    """What a layer needs besides its input.

    Attributes:
        lengths: Real positions of each string (B,).
        positions: Of the longest string, T.
        padded: Whether any string has fewer; given, so that no device has to wait.
        dropout: Scaled mask of the read-out features (B, F); None in evaluation.
        known: The lengths in host memory (B,); None: only the device has them.
    """

    lengths: Tensor
    positions: int
    padded: bool
    dropout: Tensor | None
    known: NDArray[np.int64] | None = None

    @property
    def host_lengths(self) -> NDArray[np.int64]:
        """The lengths in host memory (B,), read from the device if need be."""
        return self.lengths.cpu().numpy() if self.known is None else self.known

    @cached_property
    def real(self) -> Tensor | None:
        """Mask of the real positions (B, T, 1); None if all are real."""
        return real_positions(self.lengths, self.positions) if self.padded else None

    def after(self, layer: Layer, positions: int) -> "Context":
        """Return the context after a layer that changes the number of positions."""
        known = layer.count_positions(self.host_lengths)
        return replace(
            self,
            lengths=to_device(known, self.lengths.device),
            positions=positions,
            padded=bool((known < positions).any()),
            known=known,
        )


class TorchLayer(NamedTuple):
    """A layer in torch.

    Attributes:
        module: Its parameters, under the layer's name.
        forward: (x, context) → its output; x is a tuple if it reads several.
    """

    module: nn.Module
    forward: Callable[[Any, Context], Tensor]


def plain(module: nn.Module) -> TorchLayer:
    """Wrap a module that needs only its input."""
    return TorchLayer(module, lambda x, _: module(x))
