"""All readouts, as one type for an architecture's readout, and several of them at once."""

from dataclasses import dataclass
from typing import assert_never

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads, below
from nlptrain.numpy_nn.attention import Attention
from nlptrain.numpy_nn.join import join
from nlptrain.numpy_nn.layer import Context, Parameter, Words
from nlptrain.numpy_nn.readout import Last, Maximum, Mean, Readout
from nlptrain.settings import kinds

OneReadout = Mean | Maximum | Last | Attention


@dataclass(frozen=True)
class Several(Readout):
    """Several readouts of the same features, one after the other.

    Attributes:
        readouts: Each of another kind.
    """

    readouts: tuple[OneReadout, ...]

    @property
    def forgets_order(self) -> bool:  # type: ignore[override]
        """Whether all of them do."""
        return all(each.forgets_order for each in self.readouts)

    @property
    def label(self) -> str:
        """Their kinds."""
        return ", ".join(each.label for each in self.readouts)

    @property
    def words(self) -> Words:
        """The readouts in plain words."""
        return Words(self.label, " ".join(each.words.sentence for each in self.readouts))

    @property
    def parts(self) -> dict[str, Readout]:
        """Each by what stands before its arrays' names."""
        return {f"{each.label}.": each for each in self.readouts}

    def output_size(self, input_size: int) -> int:
        """Count the numbers of all of them."""
        return len(self.readouts) * input_size

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List the arrays of those that learn."""
        return {
            f"{start}{name}": each
            for start, readout in self.parts.items()
            for name, each in readout.parameters(input_size).items()
        }

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Read out each, and join."""
        passes = {
            start: readout.forward(x, below(arrays, start), context)
            for start, readout in self.parts.items()
        }
        y, split = join(tuple(each for each, _ in passes.values()))

        def backward(grad_y: Floats) -> tuple[Floats, Grads]:
            grad_x, grads = np.zeros_like(x), {}
            for (start, (_, back)), part in zip(passes.items(), split(grad_y)[0], strict=True):
                grad, own = back(part)
                grad_x += grad
                grads.update({f"{start}{name}": each for name, each in own.items()})
            return grad_x, grads

        return y, backward


AnyReadout = OneReadout | Several


def build_readout(
    kind: kinds.Readout | tuple[kinds.Readout, ...], reverse_from: int | None = None
) -> AnyReadout:
    """Build the readout of a kind, or of several; `reverse_from` is the encoder's."""
    if isinstance(kind, tuple):
        return Several(tuple(_build_one(each, reverse_from) for each in kind))
    return _build_one(kind, reverse_from)


def _build_one(kind: kinds.Readout, reverse_from: int | None) -> OneReadout:
    match kind:
        case "mean":
            return Mean()
        case "max":
            return Maximum()
        case "last":
            return Last(reverse_from)
        case "attention":
            return Attention()
        case _:
            assert_never(kind)
