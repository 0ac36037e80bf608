"""Characters ↔ token ids: `[pad]` is 0, then the characters in order, then `[unk]`.

With boundaries, the marks of a string's begin and end stand between the characters and `[unk]`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import ConfigError
from nlptrain.text.encoding import EncodedTexts
from nlptrain.text.string_column import StringColumn, measure_lengths

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Vocabulary:
    """The known characters, each once; the first has token id 1.

    Attributes:
        characters: The characters.
        boundaries: Whether a mark stands before and one behind each string. The marks are token
            ids of their own, which no character has.
    """

    characters: str
    boundaries: bool = False

    @classmethod
    def build(cls, texts: Sequence[str], min_count: int) -> Self:
        """Build the vocabulary of the characters that occur in enough strings, by code point.

        Args:
            texts: The training strings.
            min_count: Minimum number of strings that a character must occur in.
        """
        column = StringColumn.of(texts)
        occurrences = count_characters(column)
        # A character that occurs more often than this cannot do so in too few strings.
        certain = (min_count - 1) * int(column.lengths.max(initial=0))
        is_known = occurrences > certain
        is_rare = (occurrences > 0) & ~is_known
        if is_rare.any():
            rare, counts = count_texts(column, is_rare)
            is_known[rare] = counts >= min_count
        return cls("".join(map(chr, np.flatnonzero(is_known))))

    @classmethod
    def choose(cls, characters: str | None, texts: Sequence[str], min_count: int) -> Self:
        """Build the vocabulary from a config's characters, or else from the training strings."""
        return cls.from_characters(characters) if characters else cls.build(texts, min_count)

    @property
    def num_marks(self) -> int:
        """The number of marks of a string's ends: 0 or 2."""
        return 2 * self.boundaries

    @classmethod
    def from_characters(cls, characters: str) -> Self:
        """Build the vocabulary from a config's characters, in their order.

        Raises:
            ConfigError: A character occurs twice.
        """
        repeated = [letter for letter, count in Counter(characters).items() if count > 1]
        if repeated:
            raise ConfigError(
                f"text.vocabulary: {repeated[0]!r} occurs more than once; list each character once"
            )
        return cls(characters)

    def __len__(self) -> int:
        """Return the number of token ids, including those of [pad], the marks and [unk]."""
        return len(self.characters) + self.num_marks + 2

    @property
    def unk_id(self) -> int:
        """The token id of all unknown characters."""
        return len(self.characters) + self.num_marks + 1

    def encode(self, texts: Sequence[str], max_length: int | None = None) -> EncodedTexts:
        """Encode strings as token ids.

        Args:
            texts: The strings; a lone surrogate is a character like any other.
            max_length: Longer strings are truncated to this, not counting marks; None: no limit.
        """
        lengths = measure_lengths(texts)
        cut = 0
        if max_length is not None and (cut := int((lengths > max_length).sum())):
            texts = [text[:max_length] for text in texts]
            lengths = np.minimum(lengths, max_length)
        ids = np.empty(int(lengths.sum()), self._ids_by_code_point.dtype)
        end = 0
        for codes in _code_points(texts):
            begin, end = end, end + len(codes)
            # Code points beyond the table are clipped to its last entry, [unk].
            self._ids_by_code_point.take(codes, mode="clip", out=ids[begin:end])
        unknown = int(np.count_nonzero(ids == self.unk_id))
        if self.boundaries:
            ids, lengths = self._add_marks(ids, lengths)
        starts = lengths.cumsum() - lengths
        if len(ids) <= np.iinfo(np.int32).max:
            starts = starts.astype(np.int32)
        return EncodedTexts(ids, starts, lengths, cut, unknown)

    def _add_marks(
        self, ids: NDArray[np.integer], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
        """Put the marks before and behind each string: token ids, and the new lengths (N,)."""
        lengths = lengths + self.num_marks
        ends = lengths.cumsum()
        marked = np.empty(ids.size + self.num_marks * len(lengths), ids.dtype)
        is_character = np.ones(len(marked), bool)
        begin = len(self.characters) + 1
        for place, mark in ((ends - lengths, begin), (ends - 1, begin + 1)):
            marked[place], is_character[place] = mark, False
        marked[is_character] = ids
        return marked, lengths

    def decode(self, ids: Iterable[int]) -> str:
        """Decode token ids: pads and marks vanish, unknown characters become �."""
        tokens = ["", *self.characters, *[""] * self.num_marks, REPLACEMENT]
        return "".join(tokens[token_id] for token_id in ids)

    @cached_property
    def _ids_by_code_point(self) -> NDArray[np.integer]:
        """The token id of each code point, in the smallest type that holds them all."""
        codes = np.concatenate([np.empty(0, np.int64), *_code_points([self.characters])])
        dtype = np.min_scalar_type(self.unk_id) if self.unk_id < 1 << 16 else np.int32
        table = np.full(int(codes.max(initial=0)) + 2, self.unk_id, dtype)
        table[codes] = np.arange(1, len(codes) + 1)
        return table


def _code_points(texts: Sequence[str]) -> Iterator[NDArray[np.integer]]:
    """Iterate over the code points of all strings, in parts."""
    if isinstance(texts, StringColumn):
        return texts.code_points()
    return iter([np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")])


def count_characters(texts: StringColumn) -> NDArray[np.int64]:
    """Count how often each code point occurs: (greatest code point + 1,)."""
    counts = np.zeros(1, np.int64)
    for codes in texts.code_points():
        found = np.bincount(codes, minlength=len(counts))
        found[: len(counts)] += counts
        counts = found
    return counts


def count_texts(
    texts: StringColumn, is_counted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return some code points, ascending, and in how many strings each occurs: (K,) each.

    Args:
        texts: The strings.
        is_counted: Which code points: (greatest code point + 1,).
    """
    found = []
    for chunk in texts.chunks():
        codes = np.concatenate(list(chunk.code_points()))
        places = np.flatnonzero(is_counted[codes])
        owners = np.searchsorted(chunk.lengths.cumsum(), places, side="right")
        pairs = np.unique(codes[places].astype(np.int64) * len(chunk) + owners)
        found.append(pairs // len(chunk))
    # No string is in two parts.
    return np.unique(np.concatenate(found), return_counts=True)
