"""What a network computes on the way from one string to its logits, layer by layer.

The same layers as in the classifier's forward pass, for one string and with every value kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nlptrain.numpy_nn.activation import ACTIVATIONS
from nlptrain.numpy_nn.architecture import Architecture, Convolutional, Recurrent
from nlptrain.numpy_nn.arrays import Floats, Ids, Lengths
from nlptrain.numpy_nn.convolution import conv1d, output_lengths
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.normalization import batch_norm_evaluation, instance_norm, layer_norm
from nlptrain.numpy_nn.readout import READOUTS, last
from nlptrain.numpy_nn.recurrent import recurrent


@dataclass(frozen=True, eq=False)
class Trace:
    """The values between the layers for one string; P is its positions, or a convolution's windows.

    Attributes:
        embedded: The rows of the embedding table (T, E).
        features: What the encoder makes of them (P, F).
        normalized: The features after normalization (P, F); None where there is none.
        activated: And after the activation (P, F); None where there is none.
        vector: The features read out, one vector for the whole string (F,).
        hidden: Each hidden layer of the head, before and after its activation (H,).
        logits: (1,) or (C,).
    """

    embedded: Floats
    features: Floats
    normalized: Floats | None
    activated: Floats | None
    vector: Floats
    hidden: tuple[tuple[Floats, Floats], ...]
    logits: Floats

    @property
    def read_out(self) -> Floats:
        """The values that the readout takes one vector from: (P, F)."""
        if self.activated is not None:
            return self.activated
        return self.features if self.normalized is None else self.normalized


def trace(
    architecture: Architecture, arrays: Mapping[str, Floats], ids: Ids, lengths: Lengths
) -> Trace:
    """Run one string through the network, as in evaluation.

    Args:
        architecture: Kinds and sizes.
        arrays: Parameters and running statistics, by torch's names.
        ids: The string's token ids, or one pad for an empty string (1, T).
        lengths: Its characters (1,).
    """
    # What a recurrence makes of long strings may overflow; the page shows it then.
    with np.errstate(over="ignore", invalid="ignore"):
        embedded = arrays["embedding.weight"][ids.T]
        features, windows = _encode(architecture, arrays, ids.T, embedded, lengths)
        normalized = _normalize(architecture, arrays, features, windows)
        activated = ACTIVATIONS[architecture.activation](normalized)[0]
        vector = _read_out(architecture, activated, windows)
        hidden, logits = _head(architecture, arrays, vector)
    real = slice(0, int(windows[0]))
    return Trace(
        embedded=embedded[: int(lengths[0]), 0],
        features=features[real, 0],
        normalized=None if architecture.normalization == "none" else normalized[real, 0],
        activated=None if architecture.activation == "none" else activated[real, 0],
        vector=vector[0],
        hidden=hidden,
        logits=logits[0],
    )


def _encode(
    architecture: Architecture,
    arrays: Mapping[str, Floats],
    ids: Ids,
    embedded: Floats,
    lengths: Lengths,
) -> tuple[Floats, Lengths]:
    """Compute the features (P, 1, F) and how many positions are real (1,)."""
    encoder, parameters = architecture.encoder, _below(arrays, "encoder")
    if isinstance(encoder, Recurrent):
        table = arrays["embedding.weight"]
        return recurrent(ids, table, lengths, parameters, encoder)[0], lengths
    if isinstance(encoder, Convolutional):
        step = (encoder.stride, encoder.dilation, encoder.padding)
        maps = [
            conv1d(embedded, parameters[f"{index}.weight"], parameters[f"{index}.bias"], *step)[0]
            for index in range(len(encoder.kernel_sizes))
        ]
        windows = output_lengths(lengths, encoder.kernel_sizes[0], *step)
        return np.concatenate(maps, axis=-1), windows
    return embedded, lengths


def _normalize(
    architecture: Architecture, arrays: Mapping[str, Floats], features: Floats, windows: Lengths
) -> Floats:
    own = _below(arrays, "normalization")
    match architecture.normalization:
        case "layer":
            return layer_norm(features, **own)[0]
        case "instance":
            return instance_norm(features, **own, lengths=windows)[0]
        case "batch":
            return batch_norm_evaluation(features, **own)[0]
    return features


def _read_out(architecture: Architecture, features: Floats, windows: Lengths) -> Floats:
    encoder = architecture.encoder
    if architecture.readout == "last" and isinstance(encoder, Recurrent):
        return last(features, windows, encoder.hidden_size if encoder.bidirectional else None)[0]
    return READOUTS[architecture.readout](features, windows)[0]


def _head(
    architecture: Architecture, arrays: Mapping[str, Floats], x: Floats
) -> tuple[tuple[tuple[Floats, Floats], ...], Floats]:
    """Compute the head's hidden layers and the logits (1, 1 or C)."""
    own = _below(arrays, "head")
    layers = len(architecture.head_hidden_sizes)
    hidden = []
    for layer in range(layers):
        before = linear(x, own[f"{2 * layer}.weight"], own[f"{2 * layer}.bias"])[0]
        x = ACTIVATIONS[architecture.head_activation](before)[0]
        hidden.append((before[0], x[0]))
    return tuple(hidden), linear(x, own[f"{2 * layers}.weight"], own[f"{2 * layers}.bias"])[0]


def _below(arrays: Mapping[str, Floats], layer: str) -> dict[str, Floats]:
    start = f"{layer}."
    return {
        name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)
    }
