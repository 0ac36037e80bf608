"""The activation functions, as torch modules."""

from typing import assert_never

from torch import nn

from nlptrain.settings import kinds


def build_activation(kind: kinds.Activation) -> nn.Module:
    """Build the activation of a kind."""
    match kind:
        case "sigmoid":
            return nn.Sigmoid()
        case "tanh":
            return nn.Tanh()
        case "relu":
            return nn.ReLU()
        case _:
            assert_never(kind)
