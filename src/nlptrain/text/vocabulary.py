"""Characters ↔ token ids: `[pad]` is 0, then the characters in order, then `[unk]`.

With boundaries, the marks of a string's begin and end stand between the characters and `[unk]`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import ConfigError
from nlptrain.text.encoding import PAD_ID, EncodedTexts

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
        codes = _code_points(texts)
        occurrences = np.bincount(codes, minlength=1)
        # A character that occurs more often than this cannot do so in too few strings.
        certain = (min_count - 1) * max(map(len, texts), default=0)
        is_known = occurrences > certain
        is_rare = (occurrences > 0) & ~is_known
        if is_rare.any():
            rare, counts = _count_texts(texts, codes, is_rare)
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
    def pad_id(self) -> int:
        """The token id after a string's end."""
        return PAD_ID

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
        lengths = _lengths(texts)
        cut = 0
        if max_length is not None and (cut := int((lengths > max_length).sum())):
            texts = [text[:max_length] for text in texts]
            lengths = np.minimum(lengths, max_length)
        # Code points beyond the table are clipped to its last entry, [unk].
        ids = self._ids_by_code_point.take(_code_points(texts), mode="clip")
        unknown = int(np.count_nonzero(ids == self.unk_id))
        if self.boundaries:
            ids, lengths = self._add_marks(ids, lengths)
        return EncodedTexts(ids, lengths.cumsum() - lengths, lengths, cut, unknown)

    def _add_marks(
        self, ids: NDArray[np.int32], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Put the marks before and behind each string: token ids, and the new lengths (N,)."""
        lengths = lengths + self.num_marks
        ends = lengths.cumsum()
        marked = np.empty(ids.size + self.num_marks * len(lengths), np.int32)
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
    def _ids_by_code_point(self) -> NDArray[np.int32]:
        codes = _code_points([self.characters])
        table = np.full(int(codes.max(initial=0)) + 2, self.unk_id, np.int32)
        table[codes] = np.arange(1, len(codes) + 1)
        return table


def _lengths(texts: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(len, texts), np.int64, len(texts))


def _code_points(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Concatenate the code points of all strings: (sum of lengths,)."""
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")


def _count_texts(
    texts: Sequence[str], codes: NDArray[np.uint32], is_counted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return some code points, ascending, and in how many strings each occurs: (K,) each.

    Args:
        texts: The strings.
        codes: Their code points: (sum of lengths,).
        is_counted: Which code points: (greatest code point + 1,).
    """
    places = np.flatnonzero(is_counted[codes])
    owners = np.searchsorted(_lengths(texts).cumsum(), places, side="right")
    pairs = np.unique(codes[places].astype(np.int64) * len(texts) + owners)
    return np.unique(pairs // len(texts), return_counts=True)
