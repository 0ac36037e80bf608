"""Strings as the network reads them, as far as that is known before training.

A vocabulary learnt from the training split is known only after the split, so it tells nothing here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Self

from nlptrain.config.text import TextSection

REPLACEMENT = 0xFFFD


@dataclass(frozen=True)
class Reading:
    """What of a normalized string reaches the network: two that read alike have the same token ids.

    Attributes:
        max_length: Longer strings are cut to this; None: none is.
        vocabulary: The known characters, all others being the same; None: not known yet.
    """

    max_length: int | None = None
    vocabulary: str | None = None

    @classmethod
    def of(cls, text: TextSection) -> Self:
        """Take what a config says."""
        return cls(text.max_length, text.vocabulary)

    def read(self, texts: Sequence[str]) -> Sequence[str]:
        """Cut strings, and put one character for all unknown ones; the same list if it is whole."""
        if self.max_length is not None:
            texts = [text[: self.max_length] for text in texts]
        if self.vocabulary is not None:
            texts = [self._unknown.sub(self._stand_in, text) for text in texts]
        return texts

    def is_whole(self, letters: str, longest: int) -> bool:
        """Tell whether all strings of these letters, up to a length, are read as they are."""
        is_cut = self.max_length is not None and self.max_length < longest
        return not is_cut and (self.vocabulary is None or set(letters) <= set(self.vocabulary))

    def describe(self) -> str:
        """Say where strings may differ unseen."""
        places = []
        if self.max_length is not None:
            plural = "s" if self.max_length > 1 else ""
            places.append(f"behind {self.max_length:,} character{plural} (text.max_length)")
        if self.vocabulary is not None:
            places.append("in characters that text.vocabulary lacks")
        return " or ".join(places)

    @cached_property
    def _unknown(self) -> re.Pattern[str]:
        return re.compile(f"[^{re.escape(self.vocabulary or '')}]")

    @cached_property
    def _stand_in(self) -> str:
        """Find the character for all unknown ones, which must be none of the known."""
        known = set(self.vocabulary or "")
        return next(one for one in map(chr, count(REPLACEMENT)) if one not in known)
