"""The part of a string that the network sees, as far as it is known before training.

A vocabulary built from the training split exists only after the split, so it plays no role here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Self

import numpy as np

from nlptrain.config.text import TextSection
from nlptrain.text.string_column import StringColumn

REPLACEMENT = 0xFFFD


@dataclass(frozen=True)
class Reading:
    """What the network sees of a normalized string: equal results have equal token ids.

    Attributes:
        max_length: Longer strings are truncated to this; None: no limit.
        vocabulary: The known characters, all others being equal; None: not known yet.
    """

    max_length: int | None = None
    vocabulary: str | None = None

    @classmethod
    def of(cls, text: TextSection) -> Self:
        """Build it from a config."""
        return cls(text.max_length, text.vocabulary)

    def read(self, texts: Sequence[str]) -> Sequence[str]:
        """Truncate strings and replace all unknown characters by the same one.

        Returns:
            The strings given, where nothing of them is lost.
        """
        if isinstance(texts, StringColumn):
            return self._read_column(texts)
        if self.max_length is not None:
            texts = self._truncate(texts)
        if self.vocabulary is not None:
            texts = self._replace(texts)
        return texts

    def _read_column(self, texts: StringColumn) -> StringColumn:
        if self.max_length is not None:
            texts = texts.edit(texts.lengths > self.max_length, self._truncate)
        if self.vocabulary is not None:
            texts = texts.edit(np.ones(len(texts), bool), self._replace)
        return texts

    def _truncate(self, texts: Sequence[str]) -> list[str]:
        return [text[: self.max_length] for text in texts]

    def _replace(self, texts: Sequence[str]) -> list[str]:
        return [self._unknown.sub(self._stand_in, text) for text in texts]

    def is_whole(self, letters: str, longest: int) -> bool:
        """Return whether all strings of these letters, up to a length, are seen unchanged."""
        is_cut = self.max_length is not None and self.max_length < longest
        return not is_cut and (self.vocabulary is None or set(letters) <= set(self.vocabulary))

    def describe(self) -> str:
        """Describe where strings may differ without the network seeing it."""
        places = []
        if self.max_length is not None:
            plural = "s" if self.max_length > 1 else ""
            places.append(f"after {self.max_length:,} character{plural} (text.max_length)")
        if self.vocabulary is not None:
            places.append("in characters missing from text.vocabulary")
        return " or ".join(places)

    @cached_property
    def _unknown(self) -> re.Pattern[str]:
        return re.compile(f"[^{re.escape(self.vocabulary or '')}]")

    @cached_property
    def _stand_in(self) -> str:
        """The replacement for unknown characters; must not be a known one itself."""
        known = set(self.vocabulary or "")
        return next(one for one in map(chr, count(REPLACEMENT)) if one not in known)
