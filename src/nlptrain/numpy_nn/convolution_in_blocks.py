"""A convolution and its readout over blocks of positions, for long strings and many channels.

The features of a block stay in the processor's cache and are read out at once. In backward, a
position that is the largest or the last of a feature is looked up again alone: of a string of T
characters and O channels these are O positions, not T · O. Only a mean needs all features again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Floats, Grads, Ids, Lengths
from nlptrain.numpy_nn.convolution import Convolutional, padding_widths
from nlptrain.numpy_nn.embedding import sum_rows
from nlptrain.numpy_nn.pools import Picked, PoolGrad, Pools, Reading

BLOCK = 1 << 17
"""Numbers in the features of a block: half a megabyte, which fits in a processor's own cache."""
STRINGS = 16
"""Fewest strings of a block; in training a batch is in the order of lengths, so these are alike."""


def convolve_and_read(
    encoder: Convolutional,
    ids: Ids,
    table: Floats,
    lengths: Lengths,
    arrays: Arrays,
    reading: Reading,
) -> tuple[Floats, Callable[[Floats], tuple[Floats, Grads]]]:
    """Compute what `Convolutional.forward`, the activation and the readouts would.

    Args:
        encoder: Sizes of the convolution.
        ids: Token ids (T, B), 0 at pads.
        table: The embedding (V, E), zero at row 0.
        lengths: Characters of each string (B,).
        arrays: The encoder's.
        reading: Activation and readouts.

    Returns:
        One vector per string, and from its gradient those of the table and of the arrays.
    """
    windows = encoder.count_positions(lengths)
    kernels = _list_kernels(encoder, ids, table, arrays, max(1, int(windows.max(initial=0))))
    bias = np.concatenate([each.bias for each in kernels])
    # The largest plus the bias is the largest of all with it; a mean is of activated features.
    early, late = (bias, None) if "mean" in reading.kinds else (None, bias)
    pools = Pools(reading, windows, len(bias), table.dtype, late)
    for strings, start, _, features in _compute_blocks(kernels, windows, early):
        pools.add(strings, start, features)
    y, to_features = pools.finish()

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad = to_features(grad_y)
        grads = [
            {"weight": np.zeros_like(each.weight), "bias": np.zeros_like(each.bias)}
            for each in kernels
        ]
        grad_table = np.zeros_like(table)
        for picked in grad.picked:
            for each, own in zip(kernels, grads, strict=True):
                each.add_picked(picked, own, grad_table)
        if grad.spread is not None:
            _add_spread(grad, kernels, grads, grad_table, early)
        named = {
            f"{index}.{name}": array
            for index, own in enumerate(grads)
            for name, array in own.items()
        }
        return grad_table, named

    return y, backward


@dataclass(frozen=True, eq=False)
class _Kernel:
    """All channels of one kernel size over a batch.

    Attributes:
        ids: Token ids (positions, B) with the zeros outside the string, as the widest kernel
            needs them.
        table: (V, E).
        weight: (O, E, K).
        bias: (O,).
        channels: Their place among the features.
        first: The first position of the first window, in `ids`.
        stride: From one window to the next.
        dilation: From one of a window's positions to the next.
        count: Windows.
    """

    ids: Ids
    table: Floats
    weight: Floats
    bias: Floats
    channels: slice
    first: int
    stride: int
    dilation: int
    count: int

    @property
    def size(self) -> int:
        return int(self.weight.shape[2])

    @cached_property
    def windows(self) -> Ids:
        """View the token ids of each window: (windows, B, K)."""
        reach = self.dilation * (self.size - 1) + 1
        at_every = np.lib.stride_tricks.sliding_window_view(self.ids, reach, axis=0)
        last = self.first + (self.count - 1) * self.stride
        windows: Ids = at_every[self.first : last + 1 : self.stride, :, :: self.dilation]
        return windows

    def columns(self, start: int, stop: int, strings: slice) -> Floats:
        """Lay out some windows of some strings as rows: (windows · B, K · E)."""
        columns = self.table.take(self.windows[start:stop, strings], axis=0)
        return columns.reshape(-1, self.size * self.table.shape[1])

    def spans(self, start: int, stop: int) -> Iterator[slice]:
        """List the positions that each of the kernel's weights sees from some windows."""
        for tap in range(self.size):
            begin = self.first + tap * self.dilation
            end = begin + (stop - 1) * self.stride + 1
            yield slice(begin + start * self.stride, end, self.stride)

    def flat_weight(self) -> Floats:
        """Order the weights as `columns` does: (O, K · E)."""
        return self.weight.swapaxes(1, 2).reshape(len(self.weight), -1)

    def add_picked(self, picked: Picked, grads: Grads, grad_table: Floats) -> None:
        """Add the gradients of one window for each string and channel.

        With S[o, k, v] the sum of the gradients of channel o at windows whose k-th character is v,
        dL/dW = S · table and dL/dtable = Sᵀ · W.
        """
        values = picked.values[:, self.channels]
        strings, channels = np.nonzero(values)
        values = values[strings, channels]
        taps = np.arange(self.size)
        ids = self.windows[picked.places[:, self.channels][strings, channels], strings]
        present = np.flatnonzero(np.bincount(ids.reshape(-1), minlength=len(self.table)))
        numbers = np.zeros(len(self.table), np.int64)
        numbers[present] = np.arange(len(present))
        cells = (channels[:, None] * self.size + taps) * len(present)
        cells += numbers.take(ids)
        rows = len(self.weight) * self.size
        counted = np.bincount(
            cells.reshape(-1), np.repeat(values, self.size), minlength=rows * len(present)
        )
        sums = counted.astype(values.dtype).reshape(rows, len(present))
        flat = (sums @ self.table[present]).reshape(len(self.weight), self.size, -1)
        grads["weight"] += flat.swapaxes(1, 2)
        grads["bias"] += picked.values[:, self.channels].sum(axis=0)
        grad_table[present] += sums.T @ self.flat_weight().reshape(rows, -1)


def _list_kernels(
    encoder: Convolutional, ids: Ids, table: Floats, arrays: Arrays, count: int
) -> list[_Kernel]:
    reaches = [encoder.dilation * (size - 1) + 1 for size in encoder.kernel_sizes]
    lefts = [
        padding_widths(size, encoder.dilation, encoder.padding)[0] for size in encoder.kernel_sizes
    ]
    before, last = max(lefts), (count - 1) * encoder.stride
    needed = max(last + reach - left for reach, left in zip(reaches, lefts, strict=True))
    padded = np.zeros((before + max(needed, len(ids)), ids.shape[1]), np.intp)
    padded[before : before + len(ids)] = ids
    return [
        _Kernel(
            padded,
            table,
            arrays[f"{index}.weight"],
            arrays[f"{index}.bias"],
            slice(index * encoder.channels, (index + 1) * encoder.channels),
            before - left,
            encoder.stride,
            encoder.dilation,
            count,
        )
        for index, left in enumerate(lefts)
    ]


def _compute_blocks(
    kernels: list[_Kernel], windows: Lengths, bias: Floats | None
) -> Iterator[tuple[slice, int, list[Floats], Floats]]:
    """Compute features block by block: of some strings, all positions in order.

    Yields:
        The strings; the first window; each kernel's columns (t · B, K · E); the features (t, B, F),
        overwritten by the next block's.
    """
    weights = [each.flat_weight().T for each in kernels]
    size = sum(each.shape[1] for each in weights)
    together = max(STRINGS, BLOCK // (size * kernels[0].count))
    room = np.empty(max(BLOCK, together * size), weights[0].dtype)
    for begin in range(0, len(windows), together):
        strings = slice(begin, min(begin + together, len(windows)))
        number, count = strings.stop - begin, int(windows[strings].max())
        at_once = len(room) // (number * size)
        for start in range(0, count, at_once):
            stop = min(start + at_once, count)
            features = room[: (stop - start) * number * size].reshape(-1, size)
            columns = [each.columns(start, stop, strings) for each in kernels]
            for each, own, weight in zip(kernels, columns, weights, strict=True):
                np.matmul(own, weight, out=features[:, each.channels])
            if bias is not None:
                features += bias
            yield strings, start, columns, features.reshape(-1, number, size)


def _add_spread(
    grad: PoolGrad,
    kernels: list[_Kernel],
    grads: list[Grads],
    grad_table: Floats,
    bias: Floats | None,
) -> None:
    """Add the gradients of a mean, which every position has a share in."""
    ids, table = kernels[0].ids, kernels[0].table
    grad_rows = np.zeros((*ids.shape, table.shape[1]), table.dtype)
    for strings, start, columns, features in _compute_blocks(kernels, grad.lengths, bias):
        grad_features = grad.of_spread(strings, start, features)
        for each, own, flat in zip(kernels, grads, columns, strict=True):
            mine = grad_features[..., each.channels].reshape(len(flat), -1)
            by_tap = (mine.T @ flat).reshape(len(each.weight), each.size, -1)
            own["weight"] += by_tap.swapaxes(1, 2)
            own["bias"] += mine.sum(axis=0)
            grad_columns = (mine @ each.flat_weight()).reshape(
                *grad_features.shape[:2], each.size, -1
            )
            for tap, span in enumerate(each.spans(start, start + len(features))):
                grad_rows[span, strings] += grad_columns[..., tap, :]
    grad_table += sum_rows(ids.reshape(-1), grad_rows.reshape(-1, table.shape[1]), len(table))
