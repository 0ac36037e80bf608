"""Which kinds of layers each format has a translation for; a network with any other is refused.

A format says every kind anew: ONNX in its operators, a page in JavaScript. What has no translation
trains, predicts and is explained all the same.
"""

from collections.abc import Iterator

from nlptrain.errors import ExportError
from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.layer import Encoder, Layer
from nlptrain.numpy_nn.normalization import Normalization
from nlptrain.numpy_nn.readout import Readout

IN_BOTH = frozenset(
    {
        *(f"encoder {kind}" for kind in ("pooling", "cnn", "ngrams")),
        *(f"encoder {kind}" for kind in ("rnn_tanh", "rnn_relu", "gru", "lstm")),
        *(f"normalization {kind}" for kind in ("batch", "layer", "instance")),
        *(f"activation {kind}" for kind in ("sigmoid", "tanh", "relu")),
        *(f"readout {kind}" for kind in ("mean", "max", "last", "attention")),
        *(f"layer {kind}" for kind in ("embedding", "join", "dropout", "linear")),
        *(f"layer {kind}" for kind in ("part", "average")),
    }
)
TRANSLATED = {"onnx": IN_BOTH, "html": IN_BOTH}
"""By format; a kind that one format alone has joins that one's: IN_BOTH | {"activation gelu"}."""


def check_translated(architecture: Architecture, form: str) -> None:
    """Refuse a network with a kind that a format has no translation for.

    Args:
        architecture: Of the network.
        form: The format, as `nlptrain export --format` names it.

    Raises:
        ExportError: There is such a kind.
    """
    for name in list_kinds(architecture):
        if name in TRANSLATED[form]:
            continue
        sort = name.partition(" ")[0]
        alike = sorted(each for each in TRANSLATED[form] if each.startswith(f"{sort} "))
        others = [f"--format {each}" for each, names in TRANSLATED.items() if name in names]
        raise ExportError(
            f"--format {form} has no {name}, only {', '.join(alike).replace(f'{sort} ', '')}; "
            f"use {' or '.join([*others, 'nlptrain predict or serve'])}, "
            "or train with one of those"
        )


def list_kinds(architecture: Architecture) -> Iterator[str]:
    """List the kinds of a network's layers, in order: `encoder gru`, `activation relu`."""
    for step in architecture.steps:
        parts = step.layer.parts.values() if isinstance(step.layer, Readout) else [step.layer]
        yield from map(_name, parts)


def _name(layer: Layer) -> str:
    match layer:
        case Encoder():
            return f"encoder {layer.label}"
        case Normalization():
            return f"normalization {layer.label}"
        case Activation():
            return f"activation {layer.label}"
        case Readout():
            return f"readout {layer.label}"
        case _:
            return f"layer {type(layer).__name__.lower()}"
