"""What the network is: embedding → encoder → normalization → activation → readout → head."""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from nlptrain.settings import kinds
from nlptrain.settings.section import Section, refuse, setting, type_or

Activation = Literal["none", kinds.Activation]
Normalization = Literal["none", kinds.Normalization]
Size = Annotated[int, Field(ge=1, le=65_536)]


class EmbeddingSection(Section):
    """A trainable table with one vector a character."""

    dim: int = setting(16, "Length of a character's vector.", unit="numbers", ge=1, le=65_536)
    vectors: str | None = setting(
        None,
        "Start from these vectors: word2vec text, one character a line.",
        path=True,
        min_length=1,
    )
    frozen: bool = setting(False, "Keep the vectors as they start.")


class EncoderSection(Section):
    """What every encoder can be asked."""

    type: str

    @property
    def label(self) -> str:
        """Which kind it is, for a table."""
        return self.type

    @property
    def recurrent_start(self) -> kinds.RecurrentStart:
        """What recurrent weights start from, where there are any."""
        return "torch"

    def layer_settings(self) -> dict[str, Any]:
        """List what describes the layer: all but its type and how it starts."""
        return self.model_dump(exclude={"type", "initialization"})


class PoolingEncoder(EncoderSection):
    """The embeddings themselves, for the readout to pool."""

    type: Literal["pooling"] = setting("pooling", "Which encoder.")


class RnnEncoder(EncoderSection):
    """A recurrent network over the characters."""

    type: Literal["rnn"] = setting("rnn", "Which encoder.")
    cell: kinds.Cell = setting("rnn_tanh", "The cell.")
    hidden_size: int = setting(64, "Size of the hidden state.", unit="numbers", ge=1, le=65_536)
    num_layers: int = setting(1, "Layers on top of each other.", unit="layers", ge=1, le=100)
    bidirectional: bool = setting(False, "Read in both directions and join the states.")
    initialization: kinds.RecurrentStart = setting(
        "torch",
        "Recurrent weights at the start: U(±1/√hidden), orthogonal, identity, N(0, 1/hidden).",
    )

    @property
    def label(self) -> str:
        """The cell."""
        return self.cell

    @property
    def recurrent_start(self) -> kinds.RecurrentStart:
        """What the config says."""
        return self.initialization


class CnnEncoder(EncoderSection):
    """Convolutions along the string, each as wide as the embedding."""

    type: Literal["cnn"] = setting("cnn", "Which encoder.")
    channels: int = setting(64, "Kernels of each size.", unit="channels", ge=1, le=65_536)
    kernel_sizes: tuple[Size, ...] = setting(
        (3,), "Sizes of the kernels.", unit="characters", min_length=1, strict=False
    )
    stride: int = setting(
        1, "Characters from one window to the next.", unit="characters", ge=1, le=1000
    )
    dilation: int = setting(
        1, "Characters between a kernel's taps.", unit="characters", ge=1, le=1000
    )
    padding: kinds.Padding = setting(
        "same", "Zeros around the string so that each character has a window, or none."
    )

    @model_validator(mode="after")
    def _check_padding(self) -> Self:
        if self.padding == "valid" and len(set(self.kernel_sizes)) > 1:
            raise refuse("padding", "'valid' gives each kernel size another length: use 'same'")
        return self


Encoder = Annotated[
    Annotated[PoolingEncoder, Tag("<pooling>")]
    | Annotated[RnnEncoder, Tag("<rnn>")]
    | Annotated[CnnEncoder, Tag("<cnn>")],
    Discriminator(type_or("rnn")),
]


class HeadSection(Section):
    """The layers from the readout to the logits."""

    hidden_sizes: tuple[Size, ...] = setting(
        (), "Sizes of hidden layers before the last one.", unit="numbers", strict=False
    )
    activation: kinds.Activation = setting("relu", "After each hidden layer.")


class ModelSection(Section):
    """The network."""

    embedding: EmbeddingSection = setting(EmbeddingSection(), "Characters → vectors.")
    encoder: Encoder = setting(RnnEncoder(), "Vectors → features at each position.")
    normalization: Normalization = setting("none", "Of the features; pads count nowhere.")
    activation: Activation = setting("none", "Of the normalized features.")
    readout: kinds.Readout = setting(
        "last", "Positions → one vector: over the real characters only."
    )
    dropout: float = setting(0.0, "Probability that a feature is dropped in training.", ge=0, lt=1)
    head: HeadSection = setting(HeadSection(), "Vector → logits.")
    loss: Literal["auto", kinds.Loss] = setting(
        "auto",
        "mse (on the sigmoid) and bce take two classes; auto: bce for two, else cross_entropy.",
    )
