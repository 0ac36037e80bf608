"""All encoders, as one type for an architecture's encoder."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, assert_never, get_args

from nlptrain.numpy_nn.arrays import Arrays, Backward
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.embedding import Embedded
from nlptrain.numpy_nn.layer import Context, Encoder
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent


@dataclass(frozen=True)
class Pooling(Encoder):
    """The embeddings themselves are the features."""

    type: Literal["pooling"] = "pooling"

    takes_ids = True
    letters_in_view = 1
    words = None

    def forward(self, x: Embedded, arrays: Arrays, context: Context) -> tuple[Embedded, Backward]:
        """Pass them on without looking them up."""
        return x, lambda grad_table: (grad_table, {})


AnyEncoder = Pooling | Recurrent | Convolutional | NGrams
EncoderType = Literal["pooling", "rnn", "cnn", "ngrams"]


def build_encoder(kind: EncoderType, settings: Mapping[str, Any]) -> AnyEncoder:
    """Build the encoder of a type.

    Raises:
        TypeError: It does not have one of the settings.
    """
    match kind:
        case "pooling":
            return Pooling(**settings)
        case "rnn":
            return Recurrent(**settings)
        case "cnn":
            return Convolutional(**settings)
        case "ngrams":
            return NGrams(**settings)
        case _:
            assert_never(kind)


def read_encoder(values: Mapping[str, Any]) -> AnyEncoder:
    """Read an encoder from JSON.

    Raises:
        KeyError, TypeError: The values do not describe an encoder.
    """
    kind: EncoderType = values["type"]
    if kind not in get_args(EncoderType):
        raise KeyError(kind)
    return build_encoder(kind, _read_settings(values))


def read_ngrams(values: Mapping[str, Any]) -> NGrams:
    """Read n-grams beside an encoder from JSON.

    Raises:
        TypeError: The values do not describe n-grams.
    """
    return NGrams(**_read_settings(values))


def _read_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name != "type"
    }
