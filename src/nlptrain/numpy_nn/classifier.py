"""The whole network by hand: token ids in, logits out, and the gradients back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads, Ids, Lengths, below
from nlptrain.numpy_nn.branches_in_blocks import BranchInBlocks, find_branches
from nlptrain.numpy_nn.embedding import Embedded, Embedding
from nlptrain.numpy_nn.layer import Context, Layer
from nlptrain.numpy_nn.step import Step

ToGrads = Callable[[Floats], Grads]
FromHeads = Callable[[Mapping[str, Floats]], Grads]
"""From the gradients of layers' outputs, by name, to every parameter's."""

Pass = tuple[Step, Any, Lengths, Backward]
"""A layer in its place; its output, (…, P, B, F) or `Embedded` at positions, (…, B, F) from the
readout on; the number of real positions in the output; and its backward."""


@dataclass(frozen=True)
class Classifier:
    """A network and its arrays.

    Attributes:
        architecture: Kinds and sizes of its layers.
        arrays: Parameters and running statistics, by torch's names.
    """

    architecture: Architecture
    arrays: Mapping[str, Floats]

    def run(
        self,
        ids: Ids,
        lengths: Lengths,
        *,
        training: bool = False,
        dropout: Floats | None = None,
        rows: Ids | None = None,
        in_blocks: bool = False,
    ) -> Iterator[Pass]:
        """Compute layer by layer, in the architecture's order; arguments as in `forward`.

        With `in_blocks`, a branch whose batch is long has its readout's output, and its whole
        backward, already at its encoder; the steps behind only pass them on.
        """
        x: Any = ids.swapaxes(-1, -2)
        context = Context(lengths, training, dropout)
        start = x, context
        looked_up = start if rows is None else (rows.swapaxes(-1, -2), context)
        kept: dict[str, tuple[Any, Context]] = {}
        branches = self._branches if in_blocks else {}
        read_out: frozenset[str] = frozenset()
        backward: Backward
        for step, layer, arrays in self._steps:
            first = looked_up if isinstance(layer, Embedding) else start
            x, context = step.choose_input(kept, (x, context), first)
            branch = branches.get(step.name)
            if step.name in read_out:
                backward = _pass_on
            elif branch and branch.is_long(ids.shape[-2] * ids.shape[-1], step.input_size):
                x, backward = branch.read(x, arrays, context.lengths)
                read_out |= branch.rest
            elif isinstance(x, Embedded) and not layer.takes_ids:
                x, to_table = x.rows()
                x, backward = layer.forward(x, arrays, context)
                backward = _behind(to_table, backward)
            else:
                x, backward = layer.forward(x, arrays, context)
            if not layer.keeps_positions:
                context = context._replace(lengths=layer.count_positions(context.lengths))
            if step.name in self.architecture.read_later:
                kept[step.name] = x, context
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
        self,
        ids: Ids,
        lengths: Lengths,
        *,
        training: bool,
        dropout: Floats | None = None,
        rows: Ids | None = None,
    ) -> tuple[Floats, ToGrads]:
        """Compute the logits of a padded batch, and the backward pass; arguments as below.

        Returns:
            Logits (…, B, 1 or C), and the function from their gradient to every parameter's.
        """
        logits, _, to_grads = self.forward_heads(
            ids, lengths, training=training, dropout=dropout, rows=rows
        )
        last = self.architecture.steps[-1].name
        return logits, lambda grad: to_grads({last: grad})

    def forward_heads(
        self,
        ids: Ids,
        lengths: Lengths,
        *,
        training: bool,
        dropout: Floats | None = None,
        rows: Ids | None = None,
    ) -> tuple[Floats, dict[str, Floats], FromHeads]:
        """Compute the logits of a padded batch, those of each head, and the backward pass.

        Args:
            ids: Token ids (…, B, T), 0 at pads; (B, T) if networks side by side share them.
            lengths: Characters of each string, (…, B) or (B,) like the ids.
            training: Whether batch normalization uses the batch's statistics, and learns them.
            dropout: Scaled mask of the read-out features, (…, B, F) or (B, F), or None.
            rows: Of the embedding, in place of the ids (B, T); n-grams are still those of the ids.

        Returns:
            Logits (…, B, 1 or C) for a prediction; each head's, by the name of its last layer; and
            the function from the gradients of either to every parameter's.
        """
        heads: dict[str, Floats] = {}
        backwards: list[tuple[Step, Backward]] = []
        # A recurrence may overflow beyond a string's end, where nothing reads it.
        with np.errstate(over="ignore", invalid="ignore"):
            passes = self.run(
                ids, lengths, training=training, dropout=dropout, rows=rows, in_blocks=rows is None
            )
            for step, x, _, backward in passes:
                logits = x
                if step.name in self.architecture.head_ends:
                    heads[step.name] = x
                backwards.append((step, backward))

        def to_grads(given: Mapping[str, Floats]) -> Grads:
            grads: Grads = {}
            due = dict(given)
            for step, backward in reversed(backwards):
                if step.name not in due:
                    continue  # The average of the heads, of which the loss is none.
                grad_input, own = backward(due.pop(step.name))
                # A step that several read gets the sum of their gradients.
                for name, part in zip(step.reads, _parts(step, grad_input), strict=True):
                    due[name] = due[name] + part if name in due else part
                for key, value in own.items():
                    grads[f"{step.name}.{key}"] = value
            return grads

        return logits, heads, to_grads

    def outputs(
        self, ids: Ids, lengths: Lengths, *, training: bool, dropout: Floats | None = None
    ) -> dict[str, Floats]:
        """Compute the output of each layer, for inspection; arguments as in `forward`.

        Returns:
            By layer: (N, E or F) at all strings' N real positions, (B, …) from the readout on.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            passes = self.run(ids, lengths, training=training, dropout=dropout)
            return {step.name: pick_real(step, x, windows) for step, x, windows, _ in passes}

    @cached_property
    def _branches(self) -> dict[str, BranchInBlocks]:
        return find_branches(self.architecture.steps)

    @cached_property
    def _steps(self) -> list[tuple[Step, Layer, Arrays]]:
        """Each step with its layer and its arrays, without the step's prefix in their names."""
        return [
            (step, step.layer, step.layer.bind(below(self.arrays, f"{step.name}.")))
            for step in self.architecture.steps
        ]


def pick_real(step: Step, output: Any, lengths: Lengths) -> Floats:
    """Select an output at all strings' N real positions (N, F); (B, F) from the readout on."""
    if isinstance(output, Embedded):
        output, _ = output.rows()
    real: Floats = output
    return real[np.arange(len(real))[:, None] < lengths] if step.per_position else real


def _parts(step: Step, grad_input: Any) -> tuple[Floats, ...]:
    """Sort a gradient by the steps that were read; none goes on to the network's input."""
    if len(step.reads) > 1:
        parts: tuple[Floats, ...] = grad_input
        return parts
    return (grad_input,) if step.reads else ()


def _pass_on(grad: Floats) -> tuple[Floats, Grads]:
    return grad, {}


def _behind(to_table: Callable[[Floats], Floats], backward: Backward) -> Backward:
    """Chain a layer's backward with the backward of the table lookup before it."""

    def through(grad: Floats) -> tuple[Floats, Grads]:
        grad_rows, grads = backward(grad)
        return to_table(grad_rows), grads

    return through
