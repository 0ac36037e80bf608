"""The whole network in torch: token ids in, logits out."""

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any, assert_never

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.dropout import Dropout
from nlptrain.numpy_nn.embedding import Embedding
from nlptrain.numpy_nn.heads import Average, Part
from nlptrain.numpy_nn.join import Join
from nlptrain.numpy_nn.layer import Encoder
from nlptrain.numpy_nn.linear import Linear
from nlptrain.numpy_nn.normalization import Normalization as NormalizationByHand
from nlptrain.numpy_nn.readout import Readout
from nlptrain.numpy_nn.step import Step
from nlptrain.torch_nn.activation import build_activation
from nlptrain.torch_nn.encoders import build_encoder
from nlptrain.torch_nn.layer import Context, TorchLayer, plain
from nlptrain.torch_nn.normalization import Normalization
from nlptrain.torch_nn.readout import build_readout

Pass = tuple[Step, Tensor, Context]
"""A layer in its place; its output, (B, P, F) at positions, (B, F) from the readout on; and which
positions of it are real."""


class Classifier(nn.Module):
    """The network of an `Architecture`; its state dict has the names of its arrays."""

    embedding: nn.Embedding

    def __init__(self, architecture: Architecture) -> None:
        """Build the layers; `load_arrays` sets their values."""
        super().__init__()
        self.architecture = architecture
        self._layers = [(step, _build(step)) for step in architecture.steps]
        for step, layer in self._layers:
            *groups, name = step.name.split(".")
            place: nn.Module = self
            for group in groups:
                if group not in place._modules:
                    place.add_module(group, nn.Sequential())
                place = place.get_submodule(group)
            place.add_module(name, layer.module)

    def load_arrays(self, arrays: Mapping[str, Floats]) -> None:
        """Copy arrays by name into the parameters and running statistics."""
        self.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})

    def run(
        self,
        ids: Tensor,
        lengths: Tensor,
        *,
        padded: bool,
        dropout: Tensor | None = None,
        known: NDArray[np.int64] | None = None,
    ) -> Iterator[Pass]:
        """Compute layer by layer, in the architecture's order; arguments as in `forward`."""
        x, context = ids, Context(lengths, ids.shape[1], padded, dropout, known)
        start = x, context
        kept: dict[str, tuple[Any, Context]] = {}
        for step, layer in self._layers:
            inputs, context = step.choose_input(kept, (x, context), start)
            x = layer.forward(inputs, context)
            if not step.layer.keeps_positions:
                context = context.after(step.layer, x.shape[1])
            if step.name in self.architecture.read_later:
                kept[step.name] = x, context
            yield step, x, context

    def forward(self, ids: Tensor, lengths: Tensor, **options: Any) -> Tensor:
        """Compute the logits of a padded batch: (B, 1 or C); arguments as below."""
        logits, _ = self.forward_heads(ids, lengths, **options)
        return logits

    def forward_heads(
        self,
        ids: Tensor,
        lengths: Tensor,
        *,
        padded: bool,
        dropout: Tensor | None = None,
        known: NDArray[np.int64] | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Compute the logits of a padded batch, and those of each head.

        Args:
            ids: Token ids (B, T), 0 at pads.
            lengths: Characters of each string (B,).
            padded: Whether any string is shorter than T; given, so that no device has to wait.
            dropout: Scaled mask of the read-out features (B, F); None in evaluation.
            known: The lengths in host memory (B,), where they are there, for the same reason.

        Returns:
            Logits (B, 1) before a sigmoid, or (B, C) before a softmax: for a prediction, and of
            each head.
        """
        heads = []
        for step, x, _ in self.run(ids, lengths, padded=padded, dropout=dropout, known=known):
            logits = x
            if step.name in self.architecture.head_ends:
                heads.append(x)
        return logits, heads

    @torch.no_grad()
    def outputs(self, ids: Tensor, lengths: Tensor, **options: Any) -> dict[str, Tensor]:
        """Compute the output of each layer, for inspection; arguments as in `forward`.

        Returns:
            By layer: (N, E or F) at all strings' N real positions, (B, …) from the readout on.
        """
        passes = self.run(ids, lengths, **options)
        return {step.name: _pick_real(step, x, context) for step, x, context in passes}


def _pick_real(step: Step, output: Tensor, context: Context) -> Tensor:
    """Select an output at all strings' N real positions (N, F); (B, F) from the readout on."""
    if not step.per_position:
        return output
    positions = torch.arange(output.shape[1], device=output.device)
    return output[positions < context.lengths[:, None]]


def _build(step: Step) -> TorchLayer:
    match step.layer:
        case Embedding(rows, dim):
            return plain(nn.Embedding(rows, dim, padding_idx=0))
        case Encoder():
            return build_encoder(step.layer, step.input_size)
        case NormalizationByHand(kind):
            normalization = Normalization(kind, step.input_size)
            return TorchLayer(normalization, lambda x, c: normalization(x, c.lengths, c.real))
        case Activation(kind):
            return plain(build_activation(kind))
        case Readout():
            return build_readout(step.layer, step.input_size)
        case Linear(size):
            return plain(nn.Linear(step.input_size, size))
        case Join() | Dropout() | Part() | Average():
            return TorchLayer(nn.Identity(), _choose_function(step.layer))
        case _:
            assert_never(step.layer)


def _choose_function(layer: Join | Dropout | Part | Average) -> Callable[[Any, Context], Tensor]:
    """Return the function of a layer without parameters."""
    match layer:
        case Join():
            return lambda x, _: torch.cat(x, dim=1)
        case Dropout():
            return _drop
        case Part(start, size):
            return lambda x, _: x[:, start : start + size]
        case Average(count):
            return lambda x, _: reduce(torch.add, x) / count
        case _:
            assert_never(layer)


def _drop(x: Tensor, context: Context) -> Tensor:
    return x if context.dropout is None else x * context.dropout
