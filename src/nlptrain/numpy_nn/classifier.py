"""The whole network by hand: token ids in, logits out, and the gradients back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nlptrain.numpy_nn.architecture import Architecture, Step
from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, Ids, Lengths
from nlptrain.numpy_nn.embedding import Embedded
from nlptrain.numpy_nn.layer import Context, Layer

ToGrads = Callable[[Floats], Grads]


Pass = tuple[Step, Any, Lengths, Backward]
"""A layer in its place; its output, (…, P, B, F) or `Embedded` at positions, (…, B, F) from the
readout on; the output's real positions; and its backward."""


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
        context = Context(lengths, training, dropout)
        for step, layer, arrays in self._steps:
            if isinstance(x, Embedded) and not layer.takes_ids:
                x, to_table = x.rows()
                x, backward = layer.forward(x, arrays, context)
                backward = _behind(to_table, backward)
            else:
                x, backward = layer.forward(x, arrays, context)
            if not layer.keeps_positions:
                context = context._replace(lengths=layer.count_positions(context.lengths))
            yield step, x, context.lengths, backward

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
        backwards: list[tuple[str, Backward]] = []
        # A recurrence may overflow where it runs on behind a string's end; nothing reads that.
        with np.errstate(over="ignore", invalid="ignore"):
            for step, x, _, backward in self.run(ids, lengths, training=training, dropout=dropout):
                logits = x
                backwards.append((step.name, backward))

        def to_grads(grad: Floats) -> Grads:
            grads: Grads = {}
            for name, backward in reversed(backwards):
                grad, own = backward(grad)
                for key, value in own.items():
                    grads[f"{name}.{key}"] = value
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
            return {step.name: pick_real(step, x, windows) for step, x, windows, _ in passes}

    @cached_property
    def _steps(self) -> list[tuple[Step, Layer, dict[str, Floats]]]:
        """Each step with its layer and its arrays, by their names below the step's."""
        steps = self.architecture.steps
        return [(step, step.layer, self._below(f"{step.name}.")) for step in steps]

    def _below(self, start: str) -> dict[str, Floats]:
        return {
            name.removeprefix(start): array
            for name, array in self.arrays.items()
            if name.startswith(start)
        }


def pick_real(step: Step, output: Any, lengths: Lengths) -> Floats:
    """Pick an output at all strings' N real positions (N, F); (B, F) from the readout on."""
    if isinstance(output, Embedded):
        output, _ = output.rows()
    real: Floats = output
    return real[np.arange(len(real))[:, None] < lengths] if step.per_position else real


def _behind(to_table: Callable[[Floats], Floats], backward: Backward) -> Backward:
    """Go back through a layer and then through the rows that it read, to their table."""

    def through(grad: Floats) -> tuple[Floats, Grads]:
        grad_rows, grads = backward(grad)
        return to_table(grad_rows), grads

    return through
