"""A recurrent layer and its readout over blocks of positions, for long strings.

A block holds the strings that have not ended where it begins, so that pads take hardly any time.
Backward goes through the blocks from the last to the first, and passes the state's gradient on. Of
very long strings forward keeps the state at each block's start alone, and backward computes the
block again from there (Chen et al. 2016, "Training deep nets with sublinear memory cost").
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Floats, Grads, Ids, Lengths
from nlptrain.numpy_nn.cells import CELLS
from nlptrain.numpy_nn.embedding import Embedded, sum_rows
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.lstm import lstm_with_cells
from nlptrain.numpy_nn.pools import PoolGrad, Pools, Reading
from nlptrain.numpy_nn.recurrent import Recurrent, reversed_positions
from nlptrain.settings import kinds

BLOCK = 1 << 18
"""Numbers in the projected inputs of a block: a megabyte."""

KEPT = 1 << 25
"""Numbers in the projected inputs of a batch, pads not counted, up to which all blocks are kept."""

State = tuple[Floats, ...]
"""Hidden state (B, H), for the LSTM with the cell's."""
FromStates = Callable[[Floats, State | None], tuple[Floats, Grads]]


def recur_and_read(
    encoder: Recurrent,
    ids: Ids,
    table: Floats,
    lengths: Lengths,
    arrays: Arrays,
    reading: Reading,
) -> tuple[Floats, Callable[[Floats], tuple[Floats, Grads]]]:
    """Compute what `Recurrent.forward` of one layer, the activation and the readouts would.

    Args:
        encoder: Of one layer.
        ids: Token ids (T, B), 0 at pads.
        table: The embedding (V, E).
        lengths: Characters of each string (B,).
        arrays: The encoder's.
        reading: Activation and readouts.

    Returns:
        One vector per string, and from its gradient those of the table and of the arrays.
    """
    # The longest first.
    order = np.argsort(-lengths, kind="stable")
    ids, lengths = ids[:, order], lengths[order]
    vectors, backwards = [], []
    for ending in encoder.endings:
        own_ids = ids
        if ending:
            own_ids = np.take_along_axis(ids, reversed_positions(lengths, len(ids)), axis=0)
        names = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
        weights = {name: arrays[f"{name}_l0{ending}"] for name in names}
        direction = _Direction(encoder.cell, own_ids, table, lengths, **weights)
        y, to_features = direction.read(reading)
        vectors.append(y)
        backwards.append((ending, direction, to_features))
    parts = len(lengths), len(reading.kinds), len(vectors), encoder.hidden_size
    joined = np.stack([each.reshape(parts[0], parts[1], -1) for each in vectors], axis=2)
    y = np.empty((len(lengths), joined[0].size), joined.dtype)
    y[order] = joined.reshape(y.shape)

    # Beyond a string's end, where nothing reads it, a state may overflow.
    @np.errstate(over="ignore", invalid="ignore")
    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grads: Grads = {}
        grad_table = np.zeros_like(table)
        by_direction = np.moveaxis(grad_y[order].reshape(parts), 2, 0)
        for grad, (ending, direction, to_features) in zip(by_direction, backwards, strict=True):
            own_table, own = direction.backward(to_features(grad.reshape(len(grad), -1)))
            grad_table += own_table
            grads |= {f"{name}_l0{ending}": array for name, array in own.items()}
        return grad_table, grads

    return y, backward


@dataclass(frozen=True, eq=False)
class _Direction:
    """One direction over a batch: ids in reading order (T, B), the longest strings first."""

    cell: kinds.Cell
    ids: Ids
    table: Floats
    lengths: Lengths
    weight_ih: Floats
    bias_ih: Floats
    weight_hh: Floats
    bias_hh: Floats

    def spans(self) -> Iterator[tuple[slice, slice]]:
        """Yield the positions of each block, in reading order, and its strings."""
        start, ascending = 0, self.lengths[::-1]
        while start < len(self.ids):
            ended = int(np.searchsorted(ascending, start, side="right"))
            count = max(1, len(self.lengths) - ended)
            step = max(1, BLOCK // (count * len(self.weight_hh)))
            yield slice(start, min(start + step, len(self.ids))), slice(count)
            start += step

    def read(self, reading: Reading) -> tuple[Floats, Callable[[Floats], "_Grad"]]:
        """Run through all blocks and read out: (B, kinds · H)."""
        pools = Pools(reading, self.lengths, self.weight_hh.shape[1], self.table.dtype)
        projected, _ = linear(self.table, self.weight_ih, self.bias_ih)
        is_kept = self.lengths.sum() * len(self.weight_hh) <= KEPT
        state: State | None = None
        blocks = []
        for span, strings in self.spans():
            begin = None if state is None else tuple(each[strings] for each in state)
            states, state, backward = self.run(Embedded(self.ids[span, strings], projected), begin)
            pools.add(strings, span.start, states)
            blocks.append(_Block(span, strings, begin, (states, backward) if is_kept else None))
        y, to_features = pools.finish()
        return y, lambda grad: _Grad(to_features(grad), blocks)

    def run(self, projected: Embedded, state: State | None) -> tuple[Floats, State, FromStates]:
        """Run through a block from a state: hidden states (t, B, H), the last state, backward."""
        if self.cell == "lstm":
            states, cells, back = lstm_with_cells(projected, self.weight_hh, self.bias_hh, state)
            return (
                states,
                (states[-1], cells[-1]),
                lambda grad, end: back(grad, None if end is None else end[1]),
            )
        initial = None if state is None else state[0]
        states, backward = CELLS[self.cell].forward(
            projected, self.weight_hh, self.bias_hh, initial
        )
        return states, (states[-1],), lambda grad, _: backward(grad)

    def backward(self, grad: "_Grad") -> tuple[Floats, Grads]:
        """Go back through all blocks, to the table and the direction's own arrays."""
        projected, to_table = linear(self.table, self.weight_ih, self.bias_ih)
        grad_rows = np.zeros_like(projected)
        grads = {name: np.zeros_like(getattr(self, name)) for name in ("weight_hh", "bias_hh")}
        end: State | None = None
        for span, strings, begin, kept in reversed(grad.blocks):
            ids = self.ids[span, strings]
            states, backward = kept or self.run(Embedded(ids, projected), begin)[::2]
            grad_states = grad.features.of_all(strings, span.start, states)
            if end is not None:
                end = tuple(_extend(each, strings.stop) for each in end)
                grad_states[-1] += end[0]
            grad_projected, own = backward(grad_states, end)
            for name in grads:
                grads[name] += own[name]
            flat = grad_projected.reshape(ids.size, -1)
            grad_rows += sum_rows(ids.reshape(-1), flat, len(self.table))
            if begin is not None:
                names = ("initial", "initial_cell")
                end = tuple(own[name] for name in names if name in own)
        grad_table, of_input = to_table(grad_rows)
        return grad_table, grads | {f"{name}_ih": array for name, array in of_input.items()}


class _Block(NamedTuple):
    """A block: its positions and strings, the state before it, and states and backward, if kept."""

    span: slice
    strings: slice
    begin: State | None
    kept: tuple[Floats, FromStates] | None


class _Grad(NamedTuple):
    """What backward begins from."""

    features: PoolGrad
    blocks: list[_Block]


def _extend(grad: Floats, count: int) -> Floats:
    """Add zeros for the strings that have ended before: (B', H) → (count, H)."""
    longer = np.zeros((count, grad.shape[1]), grad.dtype)
    longer[: len(grad)] = grad
    return longer
