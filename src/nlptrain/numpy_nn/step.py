"""A layer's place in a network."""

from typing import NamedTuple

from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.dropout import Dropout
from nlptrain.numpy_nn.embedding import Embedding
from nlptrain.numpy_nn.encoders import AnyEncoder
from nlptrain.numpy_nn.join import Join
from nlptrain.numpy_nn.linear import Linear
from nlptrain.numpy_nn.normalization import Normalization
from nlptrain.numpy_nn.readouts import AnyReadout

AnyLayer = (
    Embedding | AnyEncoder | Normalization | Activation | AnyReadout | Join | Dropout | Linear
)


class Placed(NamedTuple):
    """A layer, and what it reads.

    Attributes:
        name: The prefix of its arrays' names, before a dot.
        layer: What it computes.
        reads: Names of the layers whose outputs it reads, before it; none of them: the network's
            input; None: the one layer before it.
    """

    name: str
    layer: AnyLayer
    reads: tuple[str, ...] | None = None


class Step(NamedTuple):
    """A layer in its place.

    Attributes:
        name: The prefix of its arrays' names, before a dot.
        layer: What it computes.
        input_size: Input numbers per position, or per string after the readout.
        per_position: Whether its output is one vector per position, not per string.
        reads: Names of the steps whose outputs it reads; none: the network's input.
    """

    name: str
    layer: AnyLayer
    input_size: int
    per_position: bool
    reads: tuple[str, ...]

    @property
    def output_size(self) -> int:
        """Output numbers per position or string."""
        return self.layer.output_size(self.input_size)
