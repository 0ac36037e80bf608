"""What every layer of a network declares: sizes, arrays, their initial values, and its pass."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Lengths

Shape = tuple[int, ...]
Start = Callable[[Shape, np.random.Generator], Floats]
"""Draws initial values in float64."""


@dataclass(frozen=True)
class Parameter:
    """An array of a layer.

    Attributes:
        shape: Of one network's.
        start: Its initial values, torch's defaults.
        is_recurrent: Whether it leads from state to state, and so may start in other ways.
    """

    shape: Shape
    start: Start
    is_recurrent: bool = False


class Context(NamedTuple):
    """What a layer computes with, beside its input.

    Attributes:
        lengths: Real positions of each string of the input, (…, B) or (B,).
        training: Whether batch normalization uses the batch's statistics, and learns them.
        dropout: Mask of the read-out features, (…, B, F) or (B, F), scaled; None: nothing drops.
    """

    lengths: Lengths
    training: bool
    dropout: Floats | None


@dataclass(frozen=True)
class Words:
    """A layer in plain words, for an explanation.

    Attributes:
        title: What it makes of what.
        sentence: How; `{rows}` stands for the rows that a readout reads.
    """

    title: str
    sentence: str


class Layer(ABC):
    """One step of a network: an immutable description that also knows how to compute.

    Attributes:
        takes_ids: Whether it reads embeddings as ids and table (`Embedded`), without the rows.
        keeps_positions: Whether each position of its input has one in its output.
    """

    takes_ids: bool = False
    keeps_positions: bool = True

    @property
    def label(self) -> str:
        """Which kind it is, for a table; empty where the layer's name says it."""
        return ""

    @property
    def words(self) -> Words | None:
        """The layer in plain words; None where an explanation has nothing to show."""
        return None

    def output_size(self, input_size: int) -> int:
        """Count the numbers that it gives for each position, or string."""
        return input_size

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List the arrays that training changes, by torch's names."""
        return {}

    def buffers(self, input_size: int) -> dict[str, Parameter]:
        """List the arrays that training changes without a gradient."""
        return {}

    def count_positions(self, lengths: Lengths) -> Lengths:
        """Count the real positions of its output (…, B), given those of its input."""
        return lengths

    def places(self, position: int) -> range:
        """List the places of the input that a position of the output sees."""
        return range(position, position + 1)

    @abstractmethod
    def forward(self, x: Any, arrays: Arrays, context: Context) -> tuple[Any, Backward]:
        """Compute the output, and what leads back from its gradient.

        Args:
            x: (…, T, B, F) at positions, (…, B, F) behind the readout.
            arrays: The layer's own, by name.
            context: What else it takes.
        """


class Encoder(Layer):
    """Embeddings (…, T, B, E) → features (…, P, B, F).

    Attributes:
        type: Its name in configs and model files.
        reverse_from: The first feature that is read backward; None where there is none.
        letters_in_view: How many consecutive letters a feature depends on, wherever they stand;
            None where it depends on more than that.
    """

    type: str

    @property
    def label(self) -> str:
        """Which kind it is."""
        return self.type

    @property
    def reverse_from(self) -> int | None:
        """Most encoders read forward alone."""
        return None

    @property
    def letters_in_view(self) -> int | None:
        """Nothing is promised, unless an encoder does."""
        return None

    @property
    @abstractmethod
    def words(self) -> Words | None:
        """The encoder in plain words; None where it computes nothing."""


def uniform(fan_in: int) -> Start:
    """Draw U(±1/√fan_in), as torch does for all weights and biases."""
    # A damaged description may say any size; its shapes are refused elsewhere.
    bound = 1 / np.sqrt(max(fan_in, 1))
    return lambda shape, generator: generator.uniform(-bound, bound, shape)


def constant(value: float) -> Start:
    """Begin with the same number everywhere."""
    return lambda shape, _: np.full(shape, value)
