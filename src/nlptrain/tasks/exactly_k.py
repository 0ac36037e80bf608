"""Does a character occur exactly k times?"""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    AlphabetLanguage,
    Length,
    check_size,
    lengths_setting,
    negatives_setting,
)


class ExactlyK(AlphabetLanguage):
    """Exact (1) if the character occurs exactly `count` times, off (0) if once more or once less.

    With character `a` and count 3: `abacad` and `aaabbb` are exact, `abacbd` and `aaabba` are off;
    once more and once less are equally often. The letter counts carry the answer by definition,
    but not linearly: a threshold on the count reaches 75 %. Source: the counting languages of
    Weiss et al. (2018).
    """

    type: Literal["exactly_k"] = setting("exactly_k", "Which task.")
    character: str = setting("a", "The character to count.", min_length=1, max_length=1)
    count: int = setting(3, "How often it is to occur.", unit="characters", ge=1, le=1000)
    alphabet: str = setting("abcd", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(6, 16)
    negatives: Literal["uniform", "near"] = negatives_setting("uniform")

    @model_validator(mode="after")
    def _check_character(self) -> Self:
        self.check_letter("character", self.character)
        return self

    def labels(self) -> tuple[str, ...]:
        """List the class names."""
        return ("off", "exact")

    def kinds(self) -> tuple[int, ...]:
        """One less, exact, one more."""
        return (0, 1, 0)

    def automaton(self) -> Automaton:
        """Build the automaton: a state for each count up to two more."""
        states = np.arange(self.count + 3)
        check_size(len(states), len(self.alphabet))
        is_hit = np.array([letter == self.character for letter in self.alphabet], np.int64)
        transitions = np.minimum(states[:, None] + is_hit, states[-1])
        kinds = states - (self.count - 1)
        return Automaton(transitions, np.where((kinds >= 0) & (kinds <= 2), kinds, -1))
