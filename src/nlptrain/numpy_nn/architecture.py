"""What a network is: its layers in order, independent of how it is trained or configured.

Shape letters everywhere in this folder: B batch, T characters, V vocabulary, E embedding,
F features, H hidden, C classes, K kernel.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.dropout import Dropout
from nlptrain.numpy_nn.embedding import Embedding
from nlptrain.numpy_nn.encoders import AnyEncoder, read_encoder, read_ngrams
from nlptrain.numpy_nn.layer import Parameter, Shape
from nlptrain.numpy_nn.linear import Linear
from nlptrain.numpy_nn.ngrams import JoinedNGrams, NGrams
from nlptrain.numpy_nn.normalization import Normalization
from nlptrain.numpy_nn.readout import AnyReadout, Readout, build_readout
from nlptrain.settings import kinds

AnyLayer = (
    Embedding
    | AnyEncoder
    | Normalization
    | Activation
    | AnyReadout
    | JoinedNGrams
    | Dropout
    | Linear
)


class Step(NamedTuple):
    """A layer in its place.

    Attributes:
        name: The prefix of its arrays' names, before a dot.
        layer: What it computes.
        input_size: Input numbers per position, or per string after the readout.
        per_position: Whether its output is one vector per position, not per string.
    """

    name: str
    layer: AnyLayer
    input_size: int
    per_position: bool

    @property
    def output_size(self) -> int:
        """Output numbers per position or string."""
        return self.layer.output_size(self.input_size)


@dataclass(frozen=True)
class Architecture:
    """The kinds and sizes of a network's layers.

    Attributes:
        vocabulary_size: V, with padding in row 0 and the unknown character in the last row.
        num_classes: C.
        embedding_dim: E.
        encoder: Embeddings (B, T, E) → features (B, T, F).
        normalization: Of the features.
        activation: Of the normalized features.
        readout: Over the real positions: (B, T, F) → (B, F).
        dropout: Probability of dropping a read-out feature in training.
        head_hidden_sizes: Sizes of the linear layers before the last one.
        head_activation: After each of those.
        output: sigmoid (one logit, for class 1 of two) or softmax (C logits).
        ngrams: Whose vector follows the read-out features; None for none.
    """

    vocabulary_size: int
    num_classes: int
    embedding_dim: int
    encoder: AnyEncoder
    normalization: Literal["none", kinds.Normalization] = "none"
    activation: Literal["none", kinds.Activation] = "none"
    readout: kinds.Readout = "mean"
    dropout: float = 0.0
    head_hidden_sizes: tuple[int, ...] = ()
    head_activation: kinds.Activation = "relu"
    output: kinds.Output = "softmax"
    ngrams: NGrams | None = None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The layers in the order of computation, which is defined only here."""
        steps: list[Step] = []
        size, per_position = 0, True
        for name, layer in self._list_layers():
            per_position = per_position and not isinstance(layer, Readout)
            steps.append(Step(name, layer, size, per_position))
            size = layer.output_size(size)
        return tuple(steps)

    def _list_layers(self) -> Iterator[tuple[str, AnyLayer]]:
        if not self.encoder.reads_ids:
            yield "embedding", Embedding(self.vocabulary_size, self.embedding_dim)
        yield "encoder", self.encoder
        if self.normalization != "none":
            yield "normalization", Normalization(self.normalization)
        if self.activation != "none":
            yield "activation", Activation(self.activation)
        yield "readout", build_readout(self.readout, self.encoder.reverse_from)
        if self.ngrams is not None:
            yield "ngrams", JoinedNGrams(self.ngrams)
        if self.dropout:
            yield "dropout", Dropout(self.dropout)
        for index, size in enumerate(self.head_hidden_sizes):
            yield f"head.{2 * index}", Linear(size)
            yield f"head.{2 * index + 1}", Activation(self.head_activation)
        yield f"head.{2 * len(self.head_hidden_sizes)}", Linear(self.num_logits)

    @property
    def num_features(self) -> int:
        """F, the number of features per position."""
        return self.encoder.output_size(self.embedding_dim)

    @property
    def num_read_out(self) -> int:
        """The number of features per string, before the head."""
        return self.num_features + (self.ngrams.dim if self.ngrams else 0)

    @property
    def last_weight(self) -> str:
        """The name of the array that every network has: the head's last weight."""
        return f"head.{2 * len(self.head_hidden_sizes)}.weight"

    @property
    def num_logits(self) -> int:
        """Logits per string."""
        return 1 if self.output == "sigmoid" else self.num_classes

    def parameters(self) -> dict[str, Parameter]:
        """List every trainable array, with torch's names and in torch's order."""
        return {
            f"{step.name}.{name}": each
            for step in self.steps
            for name, each in step.layer.parameters(step.input_size).items()
        }

    def buffers(self) -> dict[str, Parameter]:
        """List the arrays that training updates without a gradient: running statistics."""
        return {
            f"{step.name}.{name}": each
            for step in self.steps
            for name, each in step.layer.buffers(step.input_size).items()
        }

    def parameter_shapes(self) -> dict[str, Shape]:
        """List the shape of every trainable array by name."""
        return {name: each.shape for name, each in self.parameters().items()}

    def trained_shapes(self, *, embedding_frozen: bool) -> dict[str, Shape]:
        """List the shape of every array that an optimizer updates by name."""
        shapes = self.parameter_shapes()
        if embedding_frozen:
            del shapes["embedding.weight"]
        return shapes

    def tables(self) -> tuple[str, ...]:
        """List the trainable arrays of which a batch reads only some rows."""
        return tuple(name for name, each in self.parameters().items() if each.by_rows)

    def constant_shapes(self) -> dict[str, Shape]:
        """List the shapes of the whole numbers that never change."""
        return {
            f"{step.name}.{name}": shape
            for step in self.steps
            for name, shape in step.layer.constants().items()
        }

    def buffer_shapes(self) -> dict[str, Shape]:
        """List the shapes of the running statistics."""
        return {name: each.shape for name, each in self.buffers().items()}

    def hidden_matrices(self) -> dict[str, int]:
        """List the weights from features to features, with the matrices stacked in each.

        Not the embedding, which looks its rows up, nor the last layer, which makes logits; these
        and all vectors are not what Muon is for (Jordan 2024).
        """
        return {
            f"{step.name}.{name}": each.matrices
            for step in self.steps[1:-1]
            for name, each in step.layer.parameters(step.input_size).items()
            if len(each.shape) > 1 and not each.by_rows
        }

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values for a model file."""
        values = asdict(self)
        if self.ngrams is None:
            del values["ngrams"]  # As before there were any.
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Architecture":
        """Read what `to_json` returned.

        Raises:
            KeyError, TypeError: The values do not describe an architecture.
        """
        sizes = tuple(values["head_hidden_sizes"])
        encoder = read_encoder(dict(values["encoder"]))
        ngrams = None if values.get("ngrams") is None else read_ngrams(dict(values["ngrams"]))
        return cls(**{**values, "encoder": encoder, "head_hidden_sizes": sizes, "ngrams": ngrams})
