"""Which branches of a network are computed over blocks of positions, and for which batches.

At once, a batch's features and their gradients are several arrays of positions × features, which
leave the processor's cache, and for long strings the memory. In blocks, only what is read out and
the token ids are kept. The numbers are the same up to rounding.
"""

from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np

from nlptrain.numpy_nn.activation import ACTIVATIONS, Activation
from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Lengths
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.convolution_in_blocks import convolve_and_read
from nlptrain.numpy_nn.embedding import Embedded
from nlptrain.numpy_nn.pools import PoolKind, Reading
from nlptrain.numpy_nn.readout import Readout
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.numpy_nn.recurrent_in_blocks import recur_and_read
from nlptrain.numpy_nn.step import Step
from nlptrain.settings import kinds

LONG = {"cnn": 1 << 19, "rnn": 1 << 21}
"""Features of a batch, positions × channels or units, above which it is computed in blocks.

From 2 MiB on a convolution is faster so, up to twice; a recurrence hardly, and blocks are for the
memory.
"""


class BranchInBlocks(NamedTuple):
    """A branch that can be computed in blocks.

    Attributes:
        encoder: Its encoder.
        reading: What becomes of its features.
        rest: The steps behind the encoder, up to the readout.
    """

    encoder: Convolutional | Recurrent
    reading: Reading
    rest: frozenset[str]

    def is_long(self, positions: int, input_size: int) -> bool:
        """Return whether a batch of so many positions, pads included, is computed in blocks."""
        return positions * self.encoder.output_size(input_size) > LONG[self.encoder.type]

    def read(self, x: Embedded, arrays: Arrays, lengths: Lengths) -> tuple[Floats, Backward]:
        """Compute the branch: one vector per string (…, B, F), from its embedding.

        Args:
            x: Ids (T, B), or (M, T, B), and table, (M, V, E) for networks side by side.
            arrays: The encoder's.
            lengths: Characters of each string (B,), or (M, B).
        """
        if x.table.ndim == 2:
            return self._read_one(x, arrays, lengths)
        each = [
            self._read_one(
                Embedded(x.ids[m] if x.ids.ndim > 2 else x.ids, table),
                {name: array[m] for name, array in arrays.items()},
                lengths[m] if lengths.ndim > 1 else lengths,
            )
            for m, table in enumerate(x.table)
        ]

        def backward(grad: Floats) -> tuple[Floats, dict[str, Floats]]:
            tables, grads = zip(
                *(own(part) for (_, own), part in zip(each, grad, strict=True)), strict=True
            )
            return np.stack(tables), {name: np.stack([g[name] for g in grads]) for name in grads[0]}

        return np.stack([y for y, _ in each]), backward

    def _read_one(self, x: Embedded, arrays: Arrays, lengths: Lengths) -> tuple[Floats, Backward]:
        if isinstance(self.encoder, Recurrent):
            return recur_and_read(self.encoder, *x, lengths, arrays, self.reading)
        return convolve_and_read(self.encoder, *x, lengths, arrays, self.reading)


def find_branches(steps: Sequence[Step]) -> dict[str, BranchInBlocks]:
    """Find the branches that can be computed in blocks, by the name of their encoder.

    That is a convolution or one recurrent layer, then perhaps an activation, then readouts that
    need each position once: not attention, nothing behind a normalization, and no maximum behind
    an activation that falls somewhere.
    """
    found = {}
    for index, step in enumerate(steps):
        encoder, behind, activation = step.layer, index + 1, None
        if not isinstance(encoder, Convolutional | Recurrent):
            continue
        if isinstance(encoder, Recurrent) and encoder.num_layers > 1:
            continue
        if isinstance(after := steps[behind].layer, Activation):
            behind, activation = behind + 1, after.kind
        readouts = _list_readouts(steps[behind].layer)
        if readouts and _keeps_order(activation, readouts):
            rest = frozenset(each.name for each in steps[index + 1 : behind + 1])
            found[step.name] = BranchInBlocks(encoder, Reading(readouts, activation), rest)
    return found


def _keeps_order(activation: kinds.Activation | None, readouts: Sequence[PoolKind]) -> bool:
    """Return whether each readout may be taken before the activation, or needs no order."""
    return activation is None or ACTIVATIONS[activation].is_nondecreasing or "max" not in readouts


def _list_readouts(layer: object) -> tuple[PoolKind, ...]:
    """List the readouts in a layer; none if it is no readout, or one needs all positions."""
    known: dict[str, PoolKind] = {kind: kind for kind in get_args(PoolKind)}
    labels = [each.label for each in layer.parts.values()] if isinstance(layer, Readout) else []
    return tuple(known[label] for label in labels) if set(labels) <= set(known) else ()
