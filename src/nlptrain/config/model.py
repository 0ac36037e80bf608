"""What the network is: embedding → encoder → normalization → activation → readout → head."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from nlptrain.config.head import HeadSection, Size
from nlptrain.config.ngrams import NGramSettings
from nlptrain.settings import kinds
from nlptrain.settings.section import Section, refuse, setting, type_or

Activation = Literal["none", kinds.Activation]
Normalization = Literal["none", kinds.Normalization]


def _refuse_repeated(readouts: tuple[kinds.Readout, ...]) -> tuple[kinds.Readout, ...]:
    repeated = [each for each in readouts if readouts.count(each) > 1]
    if repeated:
        raise PydanticCustomError(
            "repeated", "{name} is named more than once; name each once", {"name": repeated[0]}
        )
    return readouts


Readout = Annotated[
    Annotated[kinds.Readout, Tag("<one>")]
    | Annotated[
        tuple[kinds.Readout, ...],
        Field(min_length=1, strict=False, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_refuse_repeated),
        Tag("<several>"),
    ],
    Discriminator(lambda value: "<several>" if isinstance(value, list | tuple) else "<one>"),
]
SECOND_TABLE = "there are n-grams already; remove one of the two, or name all sizes in one"


class EmbeddingSection(Section):
    """A trainable table with one vector per character."""

    dim: int = setting(16, "Length of a character's vector.", unit="numbers", ge=1, le=65_536)
    vectors: str | None = setting(
        None,
        "File of initial vectors in word2vec's text format, one character per line.",
        path=True,
        min_length=1,
    )
    frozen: bool = setting(False, "Do not train the vectors.")


class EncoderSection(Section):
    """The base of all encoders."""

    type: str

    @property
    def label(self) -> str:
        """Name of the encoder in tables."""
        return self.type

    @property
    def recurrent_start(self) -> kinds.RecurrentStart:
        """Initialization of the recurrent weights, if there are any."""
        return "torch"

    def layer_settings(self) -> dict[str, Any]:
        """Return the settings of the layer itself: all but its type and initialization."""
        return self.model_dump(exclude={"type", "initialization"})


class PoolingEncoder(EncoderSection):
    """The embeddings unchanged; the readout pools them."""

    type: Literal["pooling"] = setting("pooling", "Type of encoder.")


class RnnEncoder(EncoderSection):
    """A recurrent network over the characters."""

    type: Literal["rnn"] = setting("rnn", "Type of encoder.")
    cell: kinds.Cell = setting("rnn_tanh", "Type of cell.")
    hidden_size: int = setting(64, "Size of the hidden state.", unit="numbers", ge=1, le=65_536)
    num_layers: int = setting(1, "Number of stacked layers.", unit="layers", ge=1, le=100)
    bidirectional: bool = setting(False, "Read in both directions and concatenate the states.")
    initialization: kinds.RecurrentStart = setting(
        "torch", "Initial recurrent weights: U(±1/√hidden), orthogonal, identity, N(0, 1/hidden)."
    )

    @property
    def label(self) -> str:
        """Type of cell."""
        return self.cell

    @property
    def recurrent_start(self) -> kinds.RecurrentStart:
        """Initialization of the recurrent weights."""
        return self.initialization


class CnnEncoder(EncoderSection):
    """Convolutions along the string, each as wide as the embedding."""

    type: Literal["cnn"] = setting("cnn", "Type of encoder.")
    channels: int = setting(64, "Kernels per size.", unit="channels", ge=1, le=65_536)
    kernel_sizes: tuple[Size, ...] = setting(
        (3,), "Sizes of the kernels.", unit="characters", min_length=1, strict=False
    )
    stride: int = setting(
        1, "Distance from one window to the next.", unit="characters", ge=1, le=1000
    )
    dilation: int = setting(
        1, "Distance between a kernel's weights.", unit="characters", ge=1, le=1000
    )
    padding: kinds.Padding = setting(
        "same", "same: zeros around the string, one window per character; valid: no padding."
    )

    @model_validator(mode="after")
    def _check_padding(self) -> Self:
        if self.padding == "valid" and len(set(self.kernel_sizes)) > 1:
            raise refuse("padding", "'valid' gives the kernel sizes different lengths; use 'same'")
        return self


class NGramsEncoder(NGramSettings, EncoderSection):
    """N-grams: one vector per string, so what is done at each position makes no difference.

    That is the embedding, the normalization, the activation and the readout.
    """

    type: Literal["ngrams"] = setting("ngrams", "Type of encoder.")

    def layer_settings(self) -> dict[str, Any]:
        """Return the settings of the layer itself."""
        return self.ngram_settings()


Encoder = Annotated[
    Annotated[PoolingEncoder, Tag("<pooling>")]
    | Annotated[RnnEncoder, Tag("<rnn>")]
    | Annotated[CnnEncoder, Tag("<cnn>")]
    | Annotated[NGramsEncoder, Tag("<ngrams>")],
    Discriminator(type_or("rnn")),
]


class ModelSection(Section):
    """The network."""

    embedding: EmbeddingSection = setting(EmbeddingSection(), "Characters → vectors.")
    encoder: Encoder | None = setting(
        RnnEncoder(), "Vectors → features at each position; null where there are `encoders`."
    )
    encoders: tuple[Encoder, ...] | None = setting(
        None,
        "Several encoders side by side, in place of `encoder`; their vectors are joined.",
        min_length=2,
        max_length=16,
        strict=False,
    )
    normalization: Normalization = setting(
        "none", "Normalization of the features, without padding."
    )
    activation: Activation = setting("none", "Activation after the normalization.")
    readout: Readout = setting(
        "last", "Positions → one vector, without padding; of a list, one after the other."
    )
    ngrams: NGramSettings | None = setting(
        None, "N-grams beside the encoders, whose vector is joined to theirs; null: none."
    )
    dropout: float = setting(0.0, "Probability of dropping a feature in training.", ge=0, lt=1)
    head: HeadSection = setting(HeadSection(), "Vector → logits.")
    heads: kinds.Heads = setting(
        "joint",
        "joint: one head over all branches; each: one for every branch and one over all, their "
        "losses added, their log-probabilities averaged. Of a single branch both are the same.",
    )
    loss: Literal["auto", kinds.Loss] = setting(
        "auto",
        "mse (of the sigmoid) and bce need two classes; auto: bce for two, else cross_entropy.",
    )

    @model_validator(mode="before")
    @classmethod
    def _omit_default_encoder(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("encoders") is not None:
            return {"encoder": None, **data}
        return data

    @model_validator(mode="after")
    def _check_encoders(self) -> Self:
        if self.encoder is not None and self.encoders is not None:
            raise refuse(
                "encoders", "excludes model.encoder; remove one of the two, or set it to null"
            )
        if self.encoder is None and self.encoders is None:
            raise refuse("encoder", "is null, and so is model.encoders; give one of the two")
        return self

    @model_validator(mode="after")
    def _check_ngrams(self) -> Self:
        if len(self.tables) > 1:
            raise refuse(list(self.tables)[1].removeprefix("model."), SECOND_TABLE)
        if isinstance(self.encoder, NGramsEncoder):
            for name in ("vectors", "frozen"):
                if getattr(self.embedding, name):
                    raise refuse(
                        f"embedding.{name}", "the encoder ngrams has no embedding; remove it"
                    )
        return self

    @property
    def all_encoders(self) -> tuple[Encoder, ...]:
        """The encoder, or those side by side."""
        return tuple(self.encoders_by_path.values())

    @property
    def encoders_by_path(self) -> dict[str, Encoder]:
        """All encoders, by their path in a config."""
        if self.encoder is not None:
            return {"model.encoder": self.encoder}
        return {f"model.encoders.{n}": each for n, each in enumerate(self.encoders or ())}

    @property
    def tables(self) -> dict[str, NGramSettings]:
        """The n-grams, by their path in a config; empty without any."""
        found: dict[str, NGramSettings] = {
            place: each
            for place, each in self.encoders_by_path.items()
            if isinstance(each, NGramsEncoder)
        }
        return found if self.ngrams is None else {**found, "model.ngrams": self.ngrams}

    @property
    def label(self) -> str:
        """The names of the encoders, and of n-grams beside them, for tables."""
        beside = () if self.ngrams is None else ("ngrams",)
        return " + ".join((*(each.label for each in self.all_encoders), *beside))
