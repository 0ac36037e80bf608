"""All encoders in torch."""

from functools import partial
from typing import assert_never

from torch import nn

from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import AnyEncoder, Pooling
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.torch_nn.convolution import build_convolutions, convolve
from nlptrain.torch_nn.layer import TorchLayer
from nlptrain.torch_nn.ngrams import build_ngrams
from nlptrain.torch_nn.recurrent import build_recurrent, recurrent


def build_encoder(encoder: AnyEncoder, input_size: int) -> TorchLayer:
    """Build an encoder: (B, T, E) → (B, positions, F)."""
    match encoder:
        case Pooling():
            return TorchLayer(nn.Identity(), lambda x, _: x)
        case Recurrent():
            layer = build_recurrent(encoder, input_size)
            return TorchLayer(layer, partial(recurrent, layer))
        case Convolutional():
            layers = build_convolutions(encoder, input_size)
            return TorchLayer(layers, lambda x, _: convolve(layers, x, encoder))
        case NGrams():
            return build_ngrams(encoder)
        case _:
            assert_never(encoder)
