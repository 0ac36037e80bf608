"""Strings of which few differ, as labels do: each of these once, and a number a row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.first_seen import find_first_rows
from nlptrain.text.string_column import StringColumn

_FEW = 16
"""Different strings up to which it is faster to look for each of them than to hash all rows."""
_WORD_BYTES = 8
_LONGEST = 4 * _WORD_BYTES
"""Bytes of the longest string that is worth it."""

_FIRST_BYTES = np.array([(1 << 8 * number) - 1 for number in range(_WORD_BYTES + 1)], np.uint64)
"""Masks of the first bytes of a word, by their number."""


@dataclass(frozen=True, eq=False)
class CodedColumn(Sequence[str]):
    """N strings by number; to others a sequence of `str`.

    Attributes:
        names: The different strings, in the order in which they are first seen.
        codes: The place of each row's string in `names`: (N,).
    """

    names: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "CodedColumn":
        """Build it from strings."""
        if isinstance(texts, CodedColumn):
            return texts
        if isinstance(texts, StringColumn):
            return _code_few(texts) or _code_many(texts)
        places: dict[str, int] = {}
        codes = np.array([places.setdefault(text, len(places)) for text in texts], np.int32)
        return cls(tuple(places), codes)

    @classmethod
    def join(cls, parts: Sequence["CodedColumn"]) -> Self:
        """Put the rows of several columns one behind the other."""
        places: dict[str, int] = {}
        codes = [np.empty(0, np.int32)]
        for part in parts:
            numbers = [places.setdefault(name, len(places)) for name in part.names]
            codes.append(np.array(numbers, np.int32)[part.codes])
        return cls(tuple(places), np.concatenate(codes))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.codes)

    @overload
    def __getitem__(self, place: SupportsIndex) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: SupportsIndex | slice) -> str | list[str]:
        """Return the string of a row, or those of a slice."""
        if isinstance(place, slice):
            return [self.names[code] for code in self.codes[place].tolist()]
        return self.names[int(self.codes[place])]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the strings of all rows."""
        return map(self.names.__getitem__, self.codes.tolist())

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same strings in the same order."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The rows of each string, in the order in which they are first seen."""
        sizes = np.bincount(self.codes, minlength=len(self.names)).tolist()
        return dict(zip(self.names, sizes, strict=True))

    def rename(self, renamed: Mapping[str, str]) -> "CodedColumn":
        """Rename strings; those that get one name become one."""
        named = CodedColumn.of([renamed.get(name, name) for name in self.names])
        return CodedColumn(named.names, named.codes[self.codes])


def _code_few(texts: StringColumn) -> CodedColumn | None:
    """Look for one string after the other; None where they are many, or long."""
    longest = int(texts.sizes.max(initial=0))
    if longest > _LONGEST:
        return None
    parts = []
    for chunk in texts.chunks():
        part = _code_chunk(chunk, longest)
        if part is None:
            return None
        parts.append(part)
    return CodedColumn.join(parts)


def _code_chunk(texts: StringColumn, longest: int) -> CodedColumn | None:
    words = _read_words(texts, longest)
    codes = np.full(len(texts), -1, np.int32)
    rows: list[int] = []
    while codes[row := int(codes.argmin())] < 0:
        if len(rows) == _FEW:
            return None
        codes[np.logical_and.reduce([word == word[row] for word in words])] = len(rows)
        rows.append(row)
    return CodedColumn(tuple(map(texts.__getitem__, rows)), codes)


def _read_words(texts: StringColumn, longest: int) -> list[NDArray[np.integer]]:
    """Read strings as numbers that are the same where they are: their sizes, then their bytes."""
    data = np.append(texts.data, np.zeros(_WORD_BYTES, np.uint8))
    # A word begins at each byte.
    anywhere = np.ndarray(len(texts.data) + 1, "<u8", data, strides=(1,))
    sizes = texts.sizes
    words: list[NDArray[np.integer]] = [sizes]
    for begin in range(0, longest, _WORD_BYTES):
        places = np.minimum(texts.offsets[:-1] + begin, len(texts.data))
        words.append(anywhere[places] & _FIRST_BYTES[np.clip(sizes - begin, 0, _WORD_BYTES)])
    return words


def _code_many(texts: StringColumn) -> CodedColumn:
    """Find the rows of one string by hashes."""
    rows, codes = np.unique(find_first_rows(texts), return_inverse=True)
    return CodedColumn(tuple(texts.take(rows)), codes.astype(np.int32))
