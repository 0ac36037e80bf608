"""Many strings in one buffer, where a Python object for each would cost more than they do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.windows import join_spans

CHUNK_BYTES = 1 << 18
"""Bytes that are worked on at a time: few enough to stay in the processor's cache."""
_ASCII = 128
_NOWHERE = np.empty(0, np.int64)
_LONG_RUN = 64
"""Strings in a row, on average, from which on they are copied at once."""


@dataclass(frozen=True, eq=False)
class StringColumn(Sequence[str]):
    """N strings as UTF-8, one behind the other; to others a sequence of `str`.

    Attributes:
        data: The bytes of all strings; a lone surrogate is coded like any other character.
        offsets: Where each string begins in `data`, and where the last one ends: (N + 1,).
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.integer]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "StringColumn":
        """Build it from strings."""
        if isinstance(texts, StringColumn):
            return texts
        joined = "".join(texts)
        if joined.isascii():
            sizes = np.fromiter(map(len, texts), np.int64, len(texts))
            return cls.of_bytes(joined.encode(), sizes)
        coded = [text.encode("utf-8", "surrogatepass") for text in texts]
        return cls.of_bytes(b"".join(coded), np.fromiter(map(len, coded), np.int64, len(coded)))

    @classmethod
    def of_bytes(cls, data: bytes | NDArray[np.uint8], sizes: NDArray[np.integer]) -> Self:
        """Build it from the bytes of all strings and the bytes of each: (N,)."""
        flat = data if isinstance(data, np.ndarray) else np.frombuffer(data, np.uint8)
        return cls(flat, _add_up(sizes, len(flat)))

    @classmethod
    def of_spans(
        cls,
        data: NDArray[np.uint8],
        starts: NDArray[np.integer],
        ends: NDArray[np.integer],
        dropped: NDArray[np.integer] = _NOWHERE,
    ) -> Self:
        """Build it from the bytes between places in a text.

        Args:
            data: The text's bytes, in UTF-8.
            starts: Where each string begins: (N,).
            ends: Where it ends: (N,).
            dropped: Where a byte is none of its string.
        """
        if dropped.size:
            # Where each byte comes to lie without those.
            places = np.zeros(len(data) + 1, np.int64)
            is_left = np.ones(len(data), bool)
            is_left[dropped] = False
            np.cumsum(is_left, out=places[1:])
            data, starts, ends = data[is_left], places[starts], places[ends]
        offsets = _add_up(ends - starts, len(data))
        return cls(join_spans(data, starts, offsets), offsets)

    @classmethod
    def join(cls, parts: Sequence["StringColumn"]) -> "StringColumn":
        """Put the strings of several columns one behind the other."""
        if len(parts) == 1:
            return parts[0]
        data = np.concatenate([np.empty(0, np.uint8), *(part.data for part in parts)])
        sizes = np.concatenate([np.empty(0, np.int32), *(part.sizes for part in parts)])
        return cls.of_bytes(data, sizes)

    def __len__(self) -> int:
        """Count the strings."""
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, place: SupportsIndex) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "StringColumn": ...

    def __getitem__(self, place: SupportsIndex | slice) -> "str | StringColumn":
        """Return a string, or those of a slice."""
        if isinstance(place, slice):
            return self.take(np.arange(*place.indices(len(self))))
        row = range(len(self))[place]
        return _decode(self.data[self.offsets[row] : self.offsets[row + 1]])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the strings."""
        for chunk in self.chunks():
            text = _decode(chunk.data)
            ends = chunk.offsets if chunk.is_ascii else np.append(0, chunk.lengths.cumsum())
            places = ends.tolist()
            yield from map(text.__getitem__, map(slice, places[:-1], places[1:]))

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same strings in the same order."""
        if self is other:
            return True
        if isinstance(other, StringColumn):
            return np.array_equal(self.data, other.data) and np.array_equal(self.sizes, other.sizes)
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def sizes(self) -> NDArray[np.integer]:
        """Bytes of each string: (N,)."""
        return np.diff(self.offsets)

    @cached_property
    def is_ascii(self) -> bool:
        """Whether each byte is a character."""
        return bool(self.data.max(initial=0) < _ASCII)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Characters of each string: (N,)."""
        if self.is_ascii:
            return self.sizes.astype(np.int64)
        # All but the first byte of a character are 10xxxxxx in binary (RFC 3629).
        return self.count_bytes(lambda data: (data & 0xC0) != 0x80)

    def chunks(self) -> Iterator["StringColumn"]:
        """Iterate over parts of few bytes, or of one long string, in order."""
        row = 0
        while row < len(self):
            most = min(int(self.offsets[row]) + CHUNK_BYTES, int(self.offsets[-1]))
            # A number of another type would make a copy of all offsets.
            place = self.offsets.searchsorted(self.offsets.dtype.type(most), side="right")
            end = max(row + 1, int(place) - 1)
            offsets = self.offsets[row : end + 1]
            data = self.data[offsets[0] : offsets[-1]]
            yield StringColumn(data, offsets - offsets[0])
            row = end

    def code_points(self) -> Iterator[NDArray[np.integer]]:
        """Iterate over the code points of all strings, in parts: those of `chunks`."""
        for chunk in self.chunks():
            if chunk.is_ascii:
                yield chunk.data
            else:
                wide = _decode(chunk.data).encode("utf-32-le", "surrogatepass")
                yield np.frombuffer(wide, "<u4")

    def count_bytes(
        self, find: Callable[[NDArray[np.uint8]], NDArray[np.bool_]]
    ) -> NDArray[np.int64]:
        """Count the bytes in each string that a function finds among many: (N,)."""
        counts = [np.empty(0, np.int64)]
        for chunk in self.chunks():
            if len(chunk) == 1:
                counts.append(np.array([np.count_nonzero(find(chunk.data))]))
                continue
            sums = np.zeros(len(chunk.data) + 1, np.int64)
            np.cumsum(find(chunk.data), out=sums[1:])
            counts.append(np.diff(sums[chunk.offsets]))
        return np.concatenate(counts)

    def count_beyond_ascii(self) -> int:
        """Count the strings with a character beyond ASCII."""
        return int((self.count_bytes(lambda data: data >= _ASCII) > 0).sum())

    def keep(self, mask: NDArray[np.bool_]) -> "StringColumn":
        """Keep the strings where the mask is true: (N,)."""
        return self if mask.all() else self.take(np.flatnonzero(mask))

    def take(self, places: NDArray[np.integer]) -> "StringColumn":
        """Return the strings at these places, in their order."""
        breaks = np.flatnonzero(places[1:] - places[:-1] != 1) + 1
        if len(places) < (len(breaks) + 1) * _LONG_RUN:
            return self._copy_each(places)
        begins = self.offsets[places[np.append(0, breaks)]].tolist()
        ends = self.offsets[places[np.append(breaks - 1, -1)] + 1].tolist()
        runs = map(self.data.__getitem__, map(slice, begins, ends))
        return self.of_bytes(np.concatenate(list(runs)), self.sizes[places])

    def _copy_each(self, places: NDArray[np.integer]) -> "StringColumn":
        sizes = self.sizes[places]
        taken = self.of_bytes(np.empty(int(sizes.sum(dtype=np.int64)), np.uint8), sizes)
        row = 0
        for chunk in taken.chunks():
            begins = self.offsets[places[row : row + len(chunk)]].astype(np.int64)
            row += len(chunk)
            chunk.data[:] = join_spans(self.data, begins, chunk.offsets)
        return taken

    def edit(
        self, mask: NDArray[np.bool_], change: Callable[[list[str]], list[str]]
    ) -> "StringColumn":
        """Change the strings where the mask is true, (N,), one by one; keep the others."""
        if not mask.any():
            return self
        changed = self.of(change(list(self.keep(mask))))
        if mask.all():
            return changed
        order = np.empty(len(mask), np.int64)
        order[np.concatenate([np.flatnonzero(~mask), np.flatnonzero(mask)])] = np.arange(len(mask))
        return self.join([self.keep(~mask), changed]).take(order)


def _add_up(sizes: NDArray[np.integer], most: int) -> NDArray[np.integer]:
    """Compute the offsets of strings from their sizes, which add up to `most` or less: (N + 1,)."""
    offsets = np.zeros(len(sizes) + 1, index_type(most))
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def index_type(largest: int) -> type[np.signedinteger]:
    """Return the type of integer that holds places up to one in the least memory."""
    return np.int32 if largest <= np.iinfo(np.int32).max else np.int64


def _decode(data: NDArray[np.uint8]) -> str:
    return data.tobytes().decode("utf-8", "surrogatepass")


def measure_lengths(texts: Sequence[str]) -> NDArray[np.int64]:
    """Count the characters of each string: (N,)."""
    if isinstance(texts, StringColumn):
        return texts.lengths
    return np.fromiter(map(len, texts), np.int64, len(texts))
