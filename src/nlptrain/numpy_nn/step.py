"""A layer in its place in a network: its name, its size, and what it reads."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, NamedTuple, TypeVar

from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.dropout import Dropout
from nlptrain.numpy_nn.embedding import Embedding
from nlptrain.numpy_nn.encoders import AnyEncoder
from nlptrain.numpy_nn.heads import Average, Part
from nlptrain.numpy_nn.join import Join
from nlptrain.numpy_nn.linear import Linear
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.normalization import Normalization
from nlptrain.numpy_nn.readout import Readout
from nlptrain.numpy_nn.readouts import AnyReadout

AnyLayer = (
    Embedding
    | AnyEncoder
    | Normalization
    | Activation
    | AnyReadout
    | Join
    | Dropout
    | Linear
    | Part
    | Average
)


_Context = TypeVar("_Context")


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

    def choose_input(
        self,
        kept: Mapping[str, tuple[Any, _Context]],
        before: tuple[Any, _Context],
        start: tuple[Any, _Context],
    ) -> tuple[Any, _Context]:
        """Choose what it reads: the output before it, one kept from earlier, several, or the ids.

        Args:
            kept: Outputs that a later step reads, by the name of their step, with their context.
            before: The output just before it, with its context.
            start: The network's input, with its context.
        """
        if not self.reads:
            return start
        found = [kept.get(name, before) for name in self.reads]
        return found[0] if len(found) == 1 else (tuple(x for x, _ in found), found[0][1])


def build_steps(layers: Iterable[Placed]) -> tuple[Step, ...]:
    """Build a step for each layer, which knows the size of what it reads.

    Args:
        layers: In the order of computation.
    """
    steps: dict[str, Step] = {}
    before: tuple[str, ...] = ()
    for name, layer, reads in layers:
        sources = [steps[each] for each in (before if reads is None else reads)]
        steps[name] = Step(
            name,
            layer,
            input_size=sum(each.output_size for each in sources),
            per_position=all(each.per_position for each in sources)
            and not isinstance(layer, Readout | NGrams),
            reads=tuple(each.name for each in sources),
        )
        before = (name,)
    return tuple(steps.values())


def output_size(layers: Iterable[Placed], input_size: int) -> int:
    """Count what layers that read one another, in order, give out."""
    return reduce(lambda size, placed: placed.layer.output_size(size), layers, input_size)


def branch_of(name: str) -> int | None:
    """Return the number of the branch that a step or array belongs to, from 0; None if to none."""
    group, _, rest = name.partition(".")
    return int(rest.partition(".")[0]) if group == "branches" else None
