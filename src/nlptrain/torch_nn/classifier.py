"""The whole network in torch: token ids in, logits out."""

from collections.abc import Mapping
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn

from nlptrain.numpy_nn.architecture import Architecture, Convolutional, Recurrent
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.convolution import output_lengths
from nlptrain.torch_nn import readout
from nlptrain.torch_nn.convolution import build_convolutions, convolve
from nlptrain.torch_nn.normalization import Normalization
from nlptrain.torch_nn.recurrent import build_recurrent, recurrent

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "none": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
}


class Classifier(nn.Module):
    """The network of an `Architecture`; its state has the names of `parameter_shapes`."""

    def __init__(self, architecture: Architecture) -> None:
        """Build the layers; `load_arrays` sets their values."""
        super().__init__()
        self.architecture = architecture
        self.embedding = nn.Embedding(
            architecture.vocabulary_size, architecture.embedding_dim, padding_idx=0
        )
        self.encoder = _build_encoder(architecture)
        if architecture.normalization != "none":
            self.normalization = Normalization(
                architecture.normalization, architecture.num_features
            )
        self.activation = ACTIVATIONS[architecture.activation]()
        self.head = _build_head(architecture)

    def load_arrays(self, arrays: Mapping[str, Floats]) -> None:
        """Copy arrays by name into the parameters and running statistics."""
        self.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})

    def forward(
        self, ids: Tensor, lengths: Tensor, *, padded: bool, dropout: Tensor | None = None
    ) -> Tensor:
        """Compute the logits of a padded batch.

        Args:
            ids: Token ids (B, T), 0 at pads.
            lengths: Characters of each string (B,).
            padded: Whether any string is shorter than T; known on the CPU, so no device waits.
            dropout: Mask of the read-out features (B, F), scaled; None in evaluation.

        Returns:
            Logits (B, 1) before a sigmoid, or (B, C) before a softmax.
        """
        features, lengths, padded = self._encode(self.embedding(ids), lengths, padded)
        real = readout.real_positions(lengths, features.shape[1]) if padded else None
        if self.architecture.normalization != "none":
            features = self.normalization(features, lengths, real)
        vector = self._read_out(self.activation(features), lengths, real)
        if dropout is not None:
            vector = vector * dropout
        logits: Tensor = self.head(vector)
        return logits

    @torch.no_grad()
    def outputs(
        self, ids: Tensor, lengths: Tensor, *, padded: bool, dropout: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Compute what each layer gives, in their order, to look at; arguments as in `forward`.

        Returns:
            By layer: (N, E or F) at all strings' N real positions, (B, …) from the readout on.
        """
        kinds, embedded = self.architecture, self.embedding(ids)
        found = {"embedding": _at_real(embedded, lengths)}
        features, windows, padded = self._encode(embedded, lengths, padded)
        found["encoder"] = _at_real(features, windows)
        real = readout.real_positions(windows, features.shape[1]) if padded else None
        if kinds.normalization != "none":
            features = self.normalization(features, windows, real)
            found["normalization"] = _at_real(features, windows)
        if kinds.activation != "none":
            features = self.activation(features)
            found["activation"] = _at_real(features, windows)
        vector = found["readout"] = self._read_out(features, windows, real)
        if dropout is not None:
            vector = found["dropout"] = vector * dropout
        for index, layer in enumerate(self.head):
            vector = found[f"head.{index}"] = layer(vector)
        return found

    def _encode(
        self, embedded: Tensor, lengths: Tensor, padded: bool
    ) -> tuple[Tensor, Tensor, bool]:
        """Compute the features (B, positions, F), the real positions, and whether any is a pad."""
        encoder = self.architecture.encoder
        if isinstance(encoder, Recurrent):
            return (
                recurrent(cast("nn.RNNBase", self.encoder), embedded, lengths, padded),
                lengths,
                padded,
            )
        if isinstance(encoder, Convolutional):
            features = convolve(cast("nn.ModuleList", self.encoder), embedded, encoder)
            return features, *_windows(lengths, features.shape[1], padded, encoder)
        return embedded, lengths, padded

    def _read_out(self, features: Tensor, lengths: Tensor, real: Tensor | None) -> Tensor:
        match self.architecture.readout:
            case "mean":
                return readout.mean(features, lengths, real)
            case "max":
                return readout.maximum(features, lengths, real)
        encoder = self.architecture.encoder
        both = isinstance(encoder, Recurrent) and encoder.bidirectional
        reverse_from = self.architecture.num_features // 2 if both else None
        return readout.last(features, lengths, real, reverse_from)


def _at_real(values: Tensor, lengths: Tensor) -> Tensor:
    """Pick the real positions' values (N, F) of all (B, P, F)."""
    positions = torch.arange(values.shape[1], device=values.device)
    return values[positions < lengths[:, None]]


def _windows(
    lengths: Tensor, positions: int, padded: bool, encoder: Convolutional
) -> tuple[Tensor, bool]:
    """Count each string's windows, and tell whether any of the positions is beyond them."""
    if encoder.padding == "same" and encoder.stride == 1:
        return lengths, padded
    windows = output_lengths(
        lengths.cpu().numpy(),
        encoder.kernel_sizes[0],
        encoder.stride,
        encoder.dilation,
        encoder.padding,
    )
    return torch.from_numpy(windows).to(lengths.device), bool((windows < positions).any())


def _build_encoder(architecture: Architecture) -> nn.Module:
    encoder = architecture.encoder
    if isinstance(encoder, Recurrent):
        return build_recurrent(encoder, architecture.embedding_dim)
    if isinstance(encoder, Convolutional):
        return build_convolutions(encoder, architecture.embedding_dim)
    return nn.Identity()


def _build_head(architecture: Architecture) -> nn.Sequential:
    sizes = (architecture.num_features, *architecture.head_hidden_sizes)
    hidden = [
        layer
        for inputs, outputs in pairwise(sizes)
        for layer in (
            nn.Linear(inputs, outputs),
            ACTIVATIONS[architecture.head_activation](),
        )
    ]
    return nn.Sequential(*hidden, nn.Linear(sizes[-1], architecture.num_logits))
