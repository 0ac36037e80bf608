"""Readouts of features that come block by block, so that those of all positions never exist.

An activation between the features and their largest or last one is applied to that one alone. The
largest stays the largest if the activation never falls; before any other, there is no such pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, assert_never

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.activation import ACTIVATIONS
from nlptrain.numpy_nn.arrays import Backward, Floats, Ids, Lengths
from nlptrain.settings import kinds

PoolKind = Literal["mean", "max", "last"]
"""Readouts that need to see each position only once."""

Mask = NDArray[np.bool_] | None
"""Real positions (t, B, 1); None if all of them are."""


class Reading(NamedTuple):
    """What becomes of the features of a branch.

    Attributes:
        kinds: The readouts, one after the other.
        activation: Of the features; None for none.
    """

    kinds: tuple[PoolKind, ...]
    activation: kinds.Activation | None

    def activate(self, x: Floats) -> tuple[Floats, Backward]:
        """Apply the activation."""
        if self.activation is None:
            return x, lambda grad: (grad, {})
        return ACTIVATIONS[self.activation].forward(x)


class Picked(NamedTuple):
    """The gradient of features of which one position counts: places and values (B, F)."""

    places: Ids
    values: Floats


@dataclass(frozen=True, eq=False)
class PoolGrad:
    """The gradient of what was read out, for features before the activation.

    Attributes:
        picked: Of the largest and the last ones.
        spread: Of each real position after the activation, the same for all (B, F); None without a
            mean.
    """

    reading: Reading
    lengths: Lengths
    picked: list[Picked]
    spread: Floats | None

    def of_spread(self, strings: slice, start: int, block: Floats) -> Floats:
        """Compute the mean's gradient at some positions, given their features (t, B, F)."""
        if self.spread is None:
            return np.zeros_like(block)
        _, backward = self.reading.activate(block)
        real = _real(start, block, self.lengths[strings])
        grad = np.broadcast_to(self.spread[strings], block.shape)
        grad_x: Floats = backward(grad)[0]
        return grad_x.copy() if real is None else np.where(real, grad_x, np.zeros((), block.dtype))

    def of_all(self, strings: slice, start: int, block: Floats) -> Floats:
        """Compute the whole gradient at some positions, given their features (t, B, F)."""
        grad = self.of_spread(strings, start, block)
        for all_places, all_values in self.picked:
            places, values = all_places[strings], all_values[strings]
            inside = (places >= start) & (places < start + len(block))
            owners, features = np.nonzero(inside)
            grad[places[inside] - start, owners, features] += values[inside]
        return grad


class Pools:
    """Several readouts of one pass over blocks of features."""

    def __init__(
        self,
        reading: Reading,
        lengths: Lengths,
        size: int,
        dtype: np.dtype,
        bias: Floats | None = None,
    ) -> None:
        """Begin.

        Args:
            reading: What to read out.
            lengths: Real positions of each string (B,).
            size: F, features per position.
            dtype: Of the features.
            bias: What the features lack (F,): it is added to those read out; not with a mean.
        """
        self._reading, self._lengths, self._bias = reading, lengths, bias
        zeros = np.zeros((len(lengths), size), dtype)
        self._all = [_begin(kind, reading, lengths, zeros.copy()) for kind in reading.kinds]

    def add(self, strings: slice, start: int, block: Floats) -> None:
        """Read features (t, B, F), before the activation, of some strings from a position on."""
        real = _real(start, block, self._lengths[strings])
        for each in self._all:
            each.add(strings, start, block, real)

    def finish(self) -> tuple[Floats, Callable[[Floats], PoolGrad]]:
        """Return one vector per string (B, kinds · F), and from its gradient the features'."""
        is_empty = (self._lengths == 0)[:, None]
        vectors, backwards = zip(*(each.finish(self._bias) for each in self._all), strict=True)

        def backward(grad_y: Floats) -> PoolGrad:
            parts = np.split(np.where(is_empty, 0, grad_y), len(backwards), axis=-1)
            found = [own(part) for own, part in zip(backwards, parts, strict=True)]
            picked = [each for each in found if isinstance(each, Picked)]
            spread = [each for each in found if not isinstance(each, Picked)]
            return PoolGrad(self._reading, self._lengths, picked, spread[0] if spread else None)

        y = np.concatenate(vectors, axis=-1)
        np.copyto(y, 0, where=is_empty)
        return y, backward


def _begin(
    kind: PoolKind, reading: Reading, lengths: Lengths, zeros: Floats
) -> "_Mean | _Largest | _Last":
    match kind:
        case "mean":
            return _Mean(reading, lengths, zeros)
        case "max":
            return _Largest(reading, lengths, zeros - np.inf, np.zeros(zeros.shape, np.int64))
        case "last":
            return _Last(reading, lengths, zeros)
        case _:
            assert_never(kind)


@dataclass(frozen=True, eq=False)
class _Mean:
    """The sum so far, of activated features."""

    reading: Reading
    lengths: Lengths
    total: Floats

    def add(self, strings: slice, start: int, block: Floats, real: Mask) -> None:
        activated, _ = self.reading.activate(block)
        # Not a product, as values at pads may be infinite.
        added = activated if real is None else np.where(real, activated, 0)
        self.total[strings] += added.sum(axis=0)

    def finish(self, bias: Floats | None) -> tuple[Floats, Callable[[Floats], Floats]]:
        share = (1 / np.maximum(self.lengths, 1)).astype(self.total.dtype)[:, None]
        return self.total * share, lambda grad: grad * share


@dataclass(frozen=True, eq=False)
class _Largest:
    """The largest so far, and where it is: the first of several.

    Where several positions share it, they almost always have the same characters in view, and then
    it makes no difference which of them has the gradient.
    """

    reading: Reading
    lengths: Lengths
    top: Floats
    places: Ids

    def add(self, strings: slice, start: int, block: Floats, real: Mask) -> None:
        block = block if real is None else np.where(real, block, -np.inf)
        top, before = block.max(axis=0), self.top[strings]
        # Put this way, NaN is new.
        is_new = ~(top <= before)
        is_top = block == top
        is_top &= is_new
        # Backward, so that the first one is written last.
        found = np.flatnonzero(is_top)[::-1]
        self.places[strings].reshape(-1)[found % top.size] = start + found // top.size
        np.copyto(before, top, where=is_new)

    def finish(self, bias: Floats | None) -> tuple[Floats, Callable[[Floats], Picked]]:
        top = np.where(self.lengths[:, None] > 0, self.top, np.zeros((), self.top.dtype))
        y, backward = self.reading.activate(top if bias is None else top + bias)
        return y, lambda grad: Picked(self.places, backward(grad)[0])


@dataclass(frozen=True, eq=False)
class _Last:
    """The features at the last real position, where reading ends."""

    reading: Reading
    lengths: Lengths
    values: Floats

    def add(self, strings: slice, start: int, block: Floats, real: Mask) -> None:
        places = self.lengths[strings] - 1 - start
        ends = np.flatnonzero((places >= 0) & (places < len(block)))
        self.values[strings][ends] = block[places[ends], ends]

    def finish(self, bias: Floats | None) -> tuple[Floats, Callable[[Floats], Picked]]:
        y, backward = self.reading.activate(self.values if bias is None else self.values + bias)
        places = np.broadcast_to(np.maximum(self.lengths - 1, 0)[:, None], self.values.shape)
        return y, lambda grad: Picked(places, backward(grad)[0])


def _real(start: int, block: Floats, lengths: Lengths) -> Mask:
    """Mark the real positions of a block: (t, B, 1); None if all of them are."""
    stop = start + len(block)
    if lengths.min() >= stop:
        return None
    real: NDArray[np.bool_] = np.arange(start, stop)[:, None] < lengths
    return real[..., None]
