"""Does the string contain a given substring?"""

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import refuse, setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    AlphabetLanguage,
    Length,
    kgram_size_setting,
    lengths_setting,
    negatives_setting,
)


class Substring(AlphabetLanguage):
    """Found (1) if the substring occurs without gaps, absent (0) if not.

    With `abc`: `dabca` and `abcbb` are found, `acbda` and `abbca` are absent. By default an absent
    string holds the same letters as a found one, so pooling scores 50 %; with `kgram` the same
    k-grams too, so a CNN that sees k letters does. Source: MLRegTest's strictly local languages
    (van der Poel et al. 2024).
    """

    class_names: ClassVar = ("absent", "found")
    letter_settings: ClassVar = ("substring",)
    type: Literal["substring"] = setting("substring", "Which task.")
    substring: str = setting("abc", "What to look for.", min_length=2, max_length=100)
    alphabet: str = setting("abcd", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(6, 14)
    negatives: Literal["uniform", "near", "bag", "kgram"] = negatives_setting("bag")
    kgram_size: int = kgram_size_setting()

    @model_validator(mode="after")
    def _check_substring(self) -> Self:
        if self.negatives == "kgram" and self.kgram_size >= len(self.substring):
            raise refuse(
                "kgram_size",
                f"{self.kgram_size}-grams reveal whether {self.substring!r} occurs: too large",
            )
        return self

    def automaton(self) -> Automaton:
        """Build the automaton: the letters matched so far (Knuth, Morris and Pratt 1977)."""
        size = len(self.substring)
        self.check_size(size + 1)
        transitions = np.zeros((size + 1, len(self.alphabet)), np.int64)
        places = [self.alphabet.index(letter) for letter in self.substring]
        transitions[0, places[0]] = 1
        fallback = 0
        for state in range(1, size):
            transitions[state] = transitions[fallback]
            transitions[state, places[state]] = state + 1
            fallback = transitions[fallback, places[state]]
        transitions[size] = size
        return Automaton(transitions, (np.arange(size + 1) == size).astype(np.int64))
