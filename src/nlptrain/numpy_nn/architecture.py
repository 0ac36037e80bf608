"""What a network is: its layers in order, independent of how it is trained or configured.

Shape letters everywhere in this folder: B batch, T characters, V vocabulary, E embedding,
F features, H hidden, C classes, K kernel.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Any, Literal, TypeVar

from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.dropout import Dropout
from nlptrain.numpy_nn.embedding import Embedding
from nlptrain.numpy_nn.encoders import AnyEncoder, read_encoder, read_ngrams
from nlptrain.numpy_nn.heads import Average, Part
from nlptrain.numpy_nn.join import Join
from nlptrain.numpy_nn.layer import Parameter, Shape
from nlptrain.numpy_nn.linear import Linear
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.normalization import Normalization
from nlptrain.numpy_nn.readouts import build_readout
from nlptrain.numpy_nn.step import Placed, Step, build_steps, output_size
from nlptrain.settings import kinds

Own = TypeVar("Own")


@dataclass(frozen=True)
class Architecture:
    """The kinds and sizes of a network's layers.

    Attributes:
        vocabulary_size: V, with padding in row 0 and the unknown character in the last row.
        num_classes: C.
        embedding_dim: E.
        encoder: Embeddings (B, T, E) → features (B, T, F).
        beside: More encoders of the same embeddings, each a branch with its own normalization,
            activation and readout, as the first; their vectors are joined.
        normalization: Of the features.
        activation: Of the normalized features.
        readout: Over the real positions: (B, T, F) → (B, F); of several, one after the other.
        dropout: Probability of dropping a read-out feature in training.
        head_hidden_sizes: Sizes of the linear layers before the last one.
        head_activation: After each of those.
        output: sigmoid (one logit, for class 1 of two) or softmax (C logits).
        ngrams: A branch beside the encoders, whose vector is joined to theirs; None for none.
        heads: joint: one over all branches; each: also one for every branch, with layers of the
            same sizes. Their losses are added up, their logits averaged.
    """

    vocabulary_size: int
    num_classes: int
    embedding_dim: int
    encoder: AnyEncoder
    normalization: Literal["none", kinds.Normalization] = "none"
    activation: Literal["none", kinds.Activation] = "none"
    readout: kinds.Readout | tuple[kinds.Readout, ...] = "mean"
    dropout: float = 0.0
    head_hidden_sizes: tuple[int, ...] = ()
    head_activation: kinds.Activation = "relu"
    output: kinds.Output = "softmax"
    beside: tuple[AnyEncoder, ...] = ()
    ngrams: NGrams | None = None
    heads: kinds.Heads = "joint"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The layers in the order of computation, which is defined only here."""
        return build_steps(self._list_layers())

    @cached_property
    def read_later(self) -> frozenset[str]:
        """Names of the steps whose outputs not only the very next step reads."""
        pairs = pairwise(self.steps)
        return frozenset(name for old, new in pairs for name in new.reads if name != old.name)

    def _list_layers(self) -> Iterator[Placed]:
        if self.has_embedding:
            yield Placed("embedding", Embedding(self.vocabulary_size, self.embedding_dim))
        branches = list(self._list_branches())
        for branch in branches:
            yield from branch
        if len(branches) > 1:
            yield Placed("join", Join(), tuple(branch[-1].name for branch in branches))
        if self.dropout:
            yield Placed("dropout", Dropout(self.dropout))
        yield from self._list_head("head")
        if self.heads == "each":
            yield from self._list_heads(branches)

    def _list_head(self, start: str) -> Iterator[Placed]:
        for index, size in enumerate(self.head_hidden_sizes):
            yield Placed(f"{start}.{2 * index}", Linear(size))
            yield Placed(f"{start}.{2 * index + 1}", Activation(self.head_activation))
        yield Placed(f"{start}.{2 * len(self.head_hidden_sizes)}", Linear(self.num_logits))

    def _list_heads(self, branches: list[list[Placed]]) -> Iterator[Placed]:
        begin = 0
        for number, branch in enumerate(branches):
            part = Part(begin, output_size(branch, self.embedding_dim))
            # From behind the dropout, so that all heads read the same numbers.
            yield Placed(f"parts.{number}", part, ("dropout" if self.dropout else "join",))
            yield from self._list_head(f"heads.{number}")
            begin += part.size
        yield Placed("average", Average(len(self.head_ends)), self.head_ends)

    def _list_branches(self) -> Iterator[list[Placed]]:
        for number, encoder in enumerate(self.encoders):
            start = f"branches.{number}." if self.beside else ""
            yield list(self._list_branch(encoder, start))
        if self.ngrams is not None:
            yield [Placed("ngrams", self.ngrams, ())]

    def _list_branch(self, encoder: AnyEncoder, start: str) -> Iterator[Placed]:
        if isinstance(encoder, NGrams):
            yield Placed(f"{start}encoder", encoder, ())  # One vector per string already.
            return
        yield Placed(f"{start}encoder", encoder, ("embedding",))
        if self.normalization != "none":
            yield Placed(f"{start}normalization", Normalization(self.normalization))
        if self.activation != "none":
            yield Placed(f"{start}activation", Activation(self.activation))
        yield Placed(f"{start}readout", build_readout(self.readout, encoder.reverse_from))

    @property
    def encoders(self) -> tuple[AnyEncoder, ...]:
        """All encoders, side by side where there are several."""
        return self.encoder, *self.beside

    @property
    def num_features(self) -> int:
        """F, the number of features per position, of all encoders."""
        return sum(encoder.output_size(self.embedding_dim) for encoder in self.encoders)

    @property
    def vector_size(self) -> int:
        """Numbers of a string's vector, which the head reads."""
        return next(step.input_size for step in self.steps if step.name.startswith("head."))

    @property
    def has_embedding(self) -> bool:
        """Whether any encoder reads embeddings; n-grams read the ids."""
        return not all(isinstance(encoder, NGrams) for encoder in self.encoders)

    @property
    def num_branches(self) -> int:
        """Number of vectors that are joined."""
        return len(self.encoders) + (self.ngrams is not None)

    @cached_property
    def head_ends(self) -> tuple[str, ...]:
        """Names of the last layers of all heads: that over all branches, then one a branch."""
        last = 2 * len(self.head_hidden_sizes)
        own = range(self.num_branches if self.heads == "each" else 0)
        return f"head.{last}", *(f"heads.{number}.{last}" for number in own)

    @property
    def last_weight(self) -> str:
        """The name of the array that every network has: the last weight of the head over all."""
        return f"{self.head_ends[0]}.weight"

    @property
    def num_logits(self) -> int:
        """Logits per string."""
        return 1 if self.output == "sigmoid" else self.num_classes

    def parameters(self) -> dict[str, Parameter]:
        """List every trainable array, with torch's names and in torch's order."""
        return self._by_name(lambda step: step.layer.parameters(step.input_size))

    def buffers(self) -> dict[str, Parameter]:
        """List the arrays that training updates without a gradient: running statistics."""
        return self._by_name(lambda step: step.layer.buffers(step.input_size))

    def parameter_shapes(self) -> dict[str, Shape]:
        """List the shape of every trainable array by name."""
        return {name: each.shape for name, each in self.parameters().items()}

    def trained_shapes(self, *, embedding_frozen: bool) -> dict[str, Shape]:
        """List the shape of every array that an optimizer updates by name."""
        frozen = ("embedding.weight",) if embedding_frozen else ()
        return {k: v for k, v in self.parameter_shapes().items() if k not in frozen}

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Names of the trainable arrays of which a batch reads only some rows."""
        return tuple(name for name, each in self.parameters().items() if each.by_rows)

    @cached_property
    def num_parameters(self) -> int:
        """Trainable numbers in all."""
        return sum(prod(each.shape) for each in self.parameters().values())

    @cached_property
    def num_worked_on(self) -> int:
        """Parameters with which every batch computes: all but the tables' rows."""
        return sum(prod(each.shape) for each in self.parameters().values() if not each.by_rows)

    def constant_shapes(self) -> dict[str, Shape]:
        """List the shapes of the whole numbers that never change."""
        return self._by_name(lambda step: step.layer.constants())

    def _by_name(self, list_own: Callable[[Step], Mapping[str, Own]]) -> dict[str, Own]:
        found = ((step.name, list_own(step)) for step in self.steps)
        return {f"{step}.{name}": each for step, own in found for name, each in own.items()}

    def buffer_shapes(self) -> dict[str, Shape]:
        """List the shapes of the running statistics."""
        return {name: each.shape for name, each in self.buffers().items()}

    def hidden_matrices(self) -> dict[str, int]:
        """List the weights from features to features, with the matrices stacked in each.

        Not the embedding, which looks its rows up, nor the last layer of a head, which makes
        logits; these and all vectors are not what Muon is for (Jordan 2024).
        """
        return {
            f"{step.name}.{name}": each.matrices
            for step in self.steps[1:]
            if step.name not in self.head_ends
            for name, each in step.layer.parameters(step.input_size).items()
            if len(each.shape) > 1 and not each.by_rows
        }

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values for a model file."""
        # Files of networks without them are as they were before there were any.
        without = {"beside": (), "ngrams": None, "heads": "joint"}
        return {k: v for k, v in asdict(self).items() if k not in without or v != without[k]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Architecture":
        """Read what `to_json` returned.

        Raises:
            KeyError, TypeError: The values do not describe an architecture.
        """
        readout, ngrams = values["readout"], values.get("ngrams")
        own = {
            "encoder": read_encoder(dict(values["encoder"])),
            "readout": tuple(readout) if isinstance(readout, list) else readout,
            "head_hidden_sizes": tuple(values["head_hidden_sizes"]),
            "beside": tuple(read_encoder(dict(each)) for each in values.get("beside", ())),
            "ngrams": None if ngrams is None else read_ngrams(dict(ngrams)),
        }
        return cls(**{**values, **own})
