"""The whole network by hand, for predicting: token ids in, logits out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn import readout
from nlptrain.numpy_nn.activation import ACTIVATIONS, Floats
from nlptrain.numpy_nn.architecture import Architecture, Convolutional, Recurrent
from nlptrain.numpy_nn.convolution import conv1d, output_lengths
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.normalization import batch_norm, instance_norm, layer_norm
from nlptrain.numpy_nn.readout import Lengths
from nlptrain.numpy_nn.recurrent import recurrent


@dataclass(frozen=True)
class Classifier:
    """A network with its arrays, by torch's names.

    Attributes:
        architecture: Kinds and sizes.
        arrays: Parameters and running statistics.
    """

    architecture: Architecture
    arrays: Mapping[str, Floats]

    def logits(self, ids: NDArray[np.integer], lengths: Lengths) -> Floats:
        """Compute the logits of a padded batch, as in evaluation: no dropout.

        Args:
            ids: Token ids (B, T), 0 at pads.
            lengths: Characters of each string (B,).

        Returns:
            Logits (B, 1) before a sigmoid, or (B, C) before a softmax.
        """
        embedded = self.arrays["embedding.weight"][ids]
        # A recurrence may overflow where it runs on behind a string's end; nothing reads that.
        with np.errstate(over="ignore", invalid="ignore"):
            features, lengths = self._encode(embedded, lengths)
            features = self._normalize(features, lengths)
            features = ACTIVATIONS[self.architecture.activation](features)
            return self._head(self._read_out(features, lengths))

    def _encode(self, embedded: Floats, lengths: Lengths) -> tuple[Floats, Lengths]:
        """Compute the features (B, positions, F) and how many positions are real."""
        encoder = self.architecture.encoder
        if isinstance(encoder, Recurrent):
            return recurrent(embedded, lengths, self._below("encoder"), encoder), lengths
        if isinstance(encoder, Convolutional):
            return self._convolve(embedded, encoder), output_lengths(
                lengths, encoder.kernel_sizes[0], encoder.stride, encoder.dilation, encoder.padding
            )
        return embedded, lengths

    def _convolve(self, embedded: Floats, encoder: Convolutional) -> Floats:
        arrays = self._below("encoder")
        maps = [
            conv1d(
                embedded,
                arrays[f"{index}.weight"],
                arrays[f"{index}.bias"],
                encoder.stride,
                encoder.dilation,
                encoder.padding,
            )
            for index in range(len(encoder.kernel_sizes))
        ]
        return np.concatenate(maps, axis=-1)

    def _normalize(self, features: Floats, lengths: Lengths) -> Floats:
        arrays = self._below("normalization")
        match self.architecture.normalization:
            case "batch":
                return batch_norm(features, **arrays)
            case "layer":
                return layer_norm(features, **arrays)
            case "instance":
                return instance_norm(features, **arrays, lengths=lengths)
        return features

    def _read_out(self, features: Floats, lengths: Lengths) -> Floats:
        match self.architecture.readout:
            case "mean":
                return readout.mean(features, lengths)
            case "max":
                return readout.maximum(features, lengths)
        encoder = self.architecture.encoder
        both = isinstance(encoder, Recurrent) and encoder.bidirectional
        reverse_from = self.architecture.num_features // 2 if both else None
        return readout.last(features, lengths, reverse_from)

    def _head(self, x: Floats) -> Floats:
        arrays = self._below("head")
        last = len(self.architecture.head_hidden_sizes)
        for layer in range(last + 1):
            x = linear(x, arrays[f"{2 * layer}.weight"], arrays[f"{2 * layer}.bias"])
            if layer < last:
                x = ACTIVATIONS[self.architecture.head_activation](x)
        return x

    def _below(self, layer: str) -> dict[str, Floats]:
        start = f"{layer}."
        return {
            name.removeprefix(start): array
            for name, array in self.arrays.items()
            if name.startswith(start)
        }
