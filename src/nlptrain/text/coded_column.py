"""Strings of which few differ, as labels do: each of these once, and a number a row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.first_seen import find_first_rows
from nlptrain.text.string_column import StringColumn


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
            first = find_first_rows(texts)
            rows, codes = np.unique(first, return_inverse=True)
            return cls(tuple(texts.take(rows)), codes.astype(np.int32))
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

    @property
    def sizes(self) -> dict[str, int]:
        """The rows of each string, in the order in which they are first seen."""
        sizes = np.bincount(self.codes, minlength=len(self.names)).tolist()
        return dict(zip(self.names, sizes, strict=True))

    def rename(self, renamed: Mapping[str, str]) -> "CodedColumn":
        """Rename strings; those that get one name become one."""
        named = CodedColumn.of([renamed.get(name, name) for name in self.names])
        return CodedColumn(named.names, named.codes[self.codes])
