"""What every layer declares: sizes, arrays, their initial values, and its forward pass."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Lengths

Shape = tuple[int, ...]
# In quotes: NumPy imports its generators when one is named, and `predict` draws nothing.
Start = Callable[[Shape, "np.random.Generator"], Floats]
"""Draws initial values in float64."""


@dataclass(frozen=True)
class Parameter:
    """An array of a layer.

    Attributes:
        shape: In one network.
        start: Draws its initial values, by torch's defaults.
        is_recurrent: Whether it maps state to state, and so has other schemes to start from.
        matrices: How many matrices lie one above the other along its first axis: of a recurrent
            layer's weights, one for each gate.
        by_rows: Whether a batch reads only some rows of it, so that its gradient is a
            `RowGradient`.
    """

    shape: Shape
    start: Start
    is_recurrent: bool = False
    matrices: int = 1
    by_rows: bool = False


class Context(NamedTuple):
    """What a layer needs besides its input.

    Attributes:
        lengths: Real positions of each string in the input, (…, B) or (B,).
        training: Whether batch normalization uses the batch's statistics, and learns them.
        dropout: Scaled mask of the read-out features, (…, B, F) or (B, F), or None.
    """

    lengths: Lengths
    training: bool
    dropout: Floats | None


@dataclass(frozen=True)
class Words:
    """A layer in plain words, for an explanation.

    Attributes:
        title: Its input → its output.
        sentence: What it does; `{rows}` stands for the rows that a readout reads.
        calculation: What is computed, as a line of plain text, where the sentence leaves it open.
        formula: The same in LaTeX; empty if there is nothing to write as a formula.
    """

    title: str
    sentence: str
    calculation: str = ""
    formula: str = ""


class Layer(ABC):
    """One step of a network: an immutable description that can also compute.

    Attributes:
        takes_ids: Whether it reads embeddings as ids and table (`Embedded`), not as rows.
        keeps_positions: Whether its output has the same positions as its input.
    """

    takes_ids: bool = False
    keeps_positions: bool = True

    @property
    def label(self) -> str:
        """Its kind, for a table; empty if the layer's name already says it."""
        return ""

    @property
    def words(self) -> Words | None:
        """The layer in plain words; None if an explanation has nothing to show."""
        return None

    def output_size(self, input_size: int) -> int:
        """Count the output numbers per position or string."""
        return input_size

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List the arrays that training changes, by torch's names."""
        return {}

    def buffers(self, input_size: int) -> dict[str, Parameter]:
        """List the arrays that training changes without a gradient."""
        return {}

    def constants(self) -> dict[str, Shape]:
        """List the whole numbers that belong to the layer and never change."""
        return {}

    def bind(self, arrays: Arrays) -> Arrays:
        """Add to the layer's arrays what it computes from them once."""
        return arrays

    def count_positions(self, lengths: Lengths) -> Lengths:
        """Count the real positions in its output (…, B), given those in its input."""
        return lengths

    def places(self, position: int) -> range:
        """List the input positions that an output position depends on directly."""
        return range(position, position + 1)

    @abstractmethod
    def forward(self, x: Any, arrays: Arrays, context: Context) -> tuple[Any, Backward]:
        """Compute the output and its backward.

        Args:
            x: (…, T, B, F) at positions, (…, B, F) after the readout.
            arrays: The layer's own, by name.
            context: What else it needs.
        """


class Encoder(Layer):
    """Embeddings (…, T, B, E) → features (…, P, B, F).

    Attributes:
        type: Its name in configs and model files.
        reverse_from: The first feature that is read backward; None if all read forward.
        letters_in_view: How many consecutive letters a feature depends on, wherever they are;
            None if it depends on anything else.
    """

    type: str

    @property
    def label(self) -> str:
        """Its type."""
        return self.type

    @property
    def reverse_from(self) -> int | None:
        """None: most encoders only read forward."""
        return None

    @property
    def letters_in_view(self) -> int | None:
        """None: no limit is known by default."""
        return None

    @property
    @abstractmethod
    def words(self) -> Words | None:
        """The encoder in plain words; None if it computes nothing."""


def uniform(fan_in: int) -> Start:
    """Draw U(±1/√fan_in), as torch does for all weights and biases."""
    # A damaged file may contain any size; its shapes are refused elsewhere.
    bound = 1 / np.sqrt(max(fan_in, 1))
    return lambda shape, generator: generator.uniform(-bound, bound, shape)


def constant(value: float) -> Start:
    """Fill with one value."""
    return lambda shape, _: np.full(shape, value)
