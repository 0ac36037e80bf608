"""The whole network by hand: token ids in, logits out, and the gradients back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nlptrain.numpy_nn.architecture import Architecture, Step
from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, Ids, Lengths
from nlptrain.numpy_nn.embedding import Embedded
from nlptrain.numpy_nn.layer import Context

ToGrads = Callable[[Floats], Grads]


class Pass(NamedTuple):
    """What a layer has computed.

    Attributes:
        step: The layer in its place.
        output: (…, P, B, F) or `Embedded` at positions, (…, B, F) from the readout on.
        lengths: Real positions of each string in the output.
        backward: From the output's gradient to the input's, and the parameters' by name.
    """

    step: Step
    output: Any
    lengths: Lengths
    backward: Backward

    def values(self) -> Floats:
        """Give the output at all strings' N real positions (N, F); (B, F) from the readout on."""
        if not self.step.per_position:
            output: Floats = self.output
            return output
        rows = self.output.rows()[0] if isinstance(self.output, Embedded) else self.output
        real: Floats = rows[np.arange(len(rows))[:, None] < self.lengths]
        return real


@dataclass(frozen=True)
class Classifier:
    """A network with its arrays, by torch's names.

    Attributes:
        architecture: Kinds and sizes.
        arrays: Parameters and running statistics.
    """

    architecture: Architecture
    arrays: Mapping[str, Floats]

    def run(
        self, ids: Ids, lengths: Lengths, *, training: bool = False, dropout: Floats | None = None
    ) -> Iterator[Pass]:
        """Compute layer after layer, in the architecture's order; arguments as in `forward`."""
        x: Any = ids.swapaxes(-1, -2)
        for step, arrays in self._steps:
            to_table = None
            if isinstance(x, Embedded) and not step.layer.takes_ids:
                x, to_table = x.rows()
            x, backward = step.layer.forward(x, Context(arrays, lengths, training, dropout))
            if to_table is not None:
                backward = _behind(to_table, backward)
            if not step.layer.keeps_positions:
                lengths = step.layer.count_positions(lengths)
            yield Pass(step, x, lengths, backward)

    def logits(self, ids: Ids, lengths: Lengths) -> Floats:
        """Compute the logits of a padded batch, as in evaluation.

        Args:
            ids: Token ids (B, T), 0 at pads.
            lengths: Characters of each string (B,).

        Returns:
            Logits (B, 1) before a sigmoid, or (B, C) before a softmax.
        """
        return self.forward(ids, lengths, training=False)[0]

    def forward(
        self, ids: Ids, lengths: Lengths, *, training: bool, dropout: Floats | None = None
    ) -> tuple[Floats, ToGrads]:
        """Compute the logits of a padded batch, and what leads back from their gradient.

        Args:
            ids: Token ids (…, B, T), 0 at pads; (B, T) where networks side by side share them.
            lengths: Characters of each string, (…, B) or (B,) as the ids.
            training: Whether batch normalization uses the batch's statistics, and learns them.
            dropout: Mask of the read-out features, (…, B, F) or (B, F), scaled; None: nothing is
                dropped.

        Returns:
            Logits (…, B, 1 or C), and the function from their gradient to every parameter's.
        """
        backwards = []
        # A recurrence may overflow where it runs on behind a string's end; nothing reads that.
        with np.errstate(over="ignore", invalid="ignore"):
            for each in self.run(ids, lengths, training=training, dropout=dropout):
                backwards.append((each.step.name, each.backward))
        logits: Floats = each.output

        def to_grads(grad: Floats) -> Grads:
            grads: Grads = {}
            for name, backward in reversed(backwards):
                grad, own = backward(grad)
                grads |= {f"{name}.{key}": value for key, value in own.items()}
            return grads

        return logits, to_grads

    def outputs(
        self, ids: Ids, lengths: Lengths, *, training: bool, dropout: Floats | None = None
    ) -> dict[str, Floats]:
        """Compute what each layer gives, in their order, to look at; arguments as in `forward`.

        Returns:
            By layer: (N, E or F) at all strings' N real positions, (B, …) from the readout on.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            passes = self.run(ids, lengths, training=training, dropout=dropout)
            return {each.step.name: each.values() for each in passes}

    @cached_property
    def _steps(self) -> list[tuple[Step, dict[str, Floats]]]:
        """Each step with its arrays, by their names below the step's."""
        return [(step, self._below(f"{step.name}.")) for step in self.architecture.steps]

    def _below(self, start: str) -> dict[str, Floats]:
        return {
            name.removeprefix(start): array
            for name, array in self.arrays.items()
            if name.startswith(start)
        }


def _behind(to_table: Callable[[Floats], Floats], backward: Backward) -> Backward:
    """Go back through a layer and then through the rows that it read, to their table."""

    def through(grad: Floats) -> tuple[Floats, Grads]:
        grad_rows, grads = backward(grad)
        return to_table(grad_rows), grads

    return through
