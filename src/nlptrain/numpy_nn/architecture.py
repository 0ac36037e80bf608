"""What a network is: kinds and sizes, and nothing of how it is trained or configured.

Shape letters everywhere in this folder: B batch, T characters, V vocabulary, E embedding,
F features, H hidden, C classes, K kernel.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Shape = tuple[int, ...]

GATES = {"rnn_tanh": 1, "rnn_relu": 1, "gru": 3, "lstm": 4}
"""Blocks of H rows in a cell's weights."""


@dataclass(frozen=True)
class Pooling:
    """The embeddings themselves are the features."""

    type: Literal["pooling"] = "pooling"


@dataclass(frozen=True)
class Recurrent:
    """Hidden states are the features; both directions are joined, forward first."""

    cell: str = "rnn_tanh"
    hidden_size: int = 64
    num_layers: int = 1
    bidirectional: bool = False
    type: Literal["rnn"] = "rnn"

    @property
    def num_directions(self) -> int:
        """Directions in which each layer reads."""
        return 1 + self.bidirectional


@dataclass(frozen=True)
class Convolutional:
    """Feature maps along the string, those of each kernel size joined in order."""

    channels: int = 64
    kernel_sizes: tuple[int, ...] = (3,)
    stride: int = 1
    dilation: int = 1
    padding: str = "same"
    type: Literal["cnn"] = "cnn"


Encoder = Pooling | Recurrent | Convolutional
ENCODERS: dict[str, type[Encoder]] = {
    "pooling": Pooling,
    "rnn": Recurrent,
    "cnn": Convolutional,
}


@dataclass(frozen=True)
class Architecture:
    """ids (B, T) → embedding → encoder → normalization → activation → readout → head → logits.

    Attributes:
        vocabulary_size: V, with the padding row 0 and the unknown row last.
        num_classes: C.
        embedding_dim: E.
        encoder: Embeddings (B, T, E) → features (B, T, F).
        normalization: none, batch, layer or instance.
        activation: none, sigmoid, tanh or relu.
        readout: mean, max or last, over real positions: (B, T, F) → (B, F).
        dropout: Probability that a read-out feature is dropped in training.
        head_hidden_sizes: Sizes of linear layers before the last one.
        head_activation: After each of those.
        output: sigmoid (one logit, for class 1 of two) or softmax (C logits).
    """

    vocabulary_size: int
    num_classes: int
    embedding_dim: int
    encoder: Encoder
    normalization: str = "none"
    activation: str = "none"
    readout: str = "mean"
    dropout: float = 0.0
    head_hidden_sizes: tuple[int, ...] = ()
    head_activation: str = "relu"
    output: str = "softmax"

    @property
    def num_features(self) -> int:
        """F, the size of a position's features."""
        if isinstance(self.encoder, Recurrent):
            return self.encoder.hidden_size * self.encoder.num_directions
        if isinstance(self.encoder, Convolutional):
            return self.encoder.channels * len(self.encoder.kernel_sizes)
        return self.embedding_dim

    @property
    def num_logits(self) -> int:
        """Numbers that the head gives for a string."""
        return 1 if self.output == "sigmoid" else self.num_classes

    def parameter_shapes(self) -> dict[str, Shape]:
        """List every trainable array's shape by its name, in torch's names and order."""
        shapes: dict[str, Shape] = {"embedding.weight": (self.vocabulary_size, self.embedding_dim)}
        shapes |= {f"encoder.{name}": shape for name, shape in self._encoder_shapes().items()}
        if self.normalization != "none":
            shapes["normalization.weight"] = (self.num_features,)
            shapes["normalization.bias"] = (self.num_features,)
        sizes = (self.num_features, *self.head_hidden_sizes, self.num_logits)
        for layer in range(len(sizes) - 1):
            # Layer 2k of the head is linear, 2k + 1 its activation.
            shapes[f"head.{2 * layer}.weight"] = (sizes[layer + 1], sizes[layer])
            shapes[f"head.{2 * layer}.bias"] = (sizes[layer + 1],)
        return shapes

    def buffer_shapes(self) -> dict[str, Shape]:
        """List the arrays that training updates without a gradient: running statistics."""
        if self.normalization != "batch":
            return {}
        names = ("normalization.running_mean", "normalization.running_var")
        return dict.fromkeys(names, (self.num_features,))

    def _encoder_shapes(self) -> dict[str, Shape]:
        if isinstance(self.encoder, Recurrent):
            return _recurrent_shapes(self.encoder, self.embedding_dim)
        if isinstance(self.encoder, Convolutional):
            channels = self.encoder.channels
            return {
                name: shape
                for index, size in enumerate(self.encoder.kernel_sizes)
                for name, shape in (
                    (f"{index}.weight", (channels, self.embedding_dim, size)),
                    (f"{index}.bias", (channels,)),
                )
            }
        return {}

    def to_json(self) -> dict[str, Any]:
        """Write as plain values for a model file."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Architecture":
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: The values are not an architecture's.
        """
        encoder = dict(values["encoder"])
        if "kernel_sizes" in encoder:
            encoder["kernel_sizes"] = tuple(encoder["kernel_sizes"])
        sizes = tuple(values["head_hidden_sizes"])
        return cls(
            **{
                **values,
                "encoder": ENCODERS[encoder["type"]](**encoder),
                "head_hidden_sizes": sizes,
            }
        )


def direction_suffixes(encoder: Recurrent) -> tuple[str, ...]:
    """List the endings of torch's parameter names, one a direction."""
    return ("", "_reverse")[: encoder.num_directions]


def _recurrent_shapes(encoder: Recurrent, input_size: int) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    hidden = encoder.hidden_size
    rows = GATES[encoder.cell] * hidden
    for layer in range(encoder.num_layers):
        for suffix in direction_suffixes(encoder):
            shapes[f"weight_ih_l{layer}{suffix}"] = (rows, input_size)
            shapes[f"weight_hh_l{layer}{suffix}"] = (rows, hidden)
            shapes[f"bias_ih_l{layer}{suffix}"] = (rows,)
            shapes[f"bias_hh_l{layer}{suffix}"] = (rows,)
        input_size = hidden * encoder.num_directions
    return shapes
