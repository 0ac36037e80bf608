"""Does every bracket have its partner?"""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    Language,
    Length,
    check_distinct,
    check_size,
    kgram_size_setting,
    lengths_setting,
    negatives_setting,
)


class Dyck1(Language):
    """Balanced (1) if every bracket has its partner, else unbalanced (0); fillers mean nothing.

    `(a(b))` and `a()()` are balanced, `(a(b)` and `)a(` are unbalanced. No finite automaton knows
    the language at all lengths; one with a state for each depth knows it up to a length. Source:
    Weiss et al. (2018), with fillers.
    """

    type: Literal["dyck1"] = setting("dyck1", "Which task.")
    brackets: str = setting("()", "The opening and the closing one.", min_length=2, max_length=2)
    fillers: str = setting("ab", "Letters that mean nothing.", max_length=1000)
    lengths: tuple[Length, Length] = lengths_setting(8, 20)
    negatives: Literal["uniform", "near", "bag", "kgram"] = negatives_setting("bag")
    kgram_size: int = kgram_size_setting()

    @model_validator(mode="after")
    def _check_letters(self) -> Self:
        check_distinct("fillers", self.letters)
        return self

    @property
    def letters(self) -> str:
        """The brackets, then the fillers."""
        return self.brackets + self.fillers

    def labels(self) -> tuple[str, ...]:
        """List the class names."""
        return ("unbalanced", "balanced")

    def automaton(self) -> Automaton:
        """Build the automaton: the depth, up to half the longest string; then lost for good."""
        lost = self.lengths[1] // 2 + 1
        check_size(lost + 1, len(self.letters))
        depth = np.arange(lost + 1)
        transitions = np.repeat(depth[:, None], len(self.letters), axis=1)
        transitions[:, 0] = np.minimum(depth + 1, lost)
        transitions[:, 1] = depth - 1
        transitions[0, 1] = transitions[lost, 1] = lost
        return Automaton(transitions, (depth == 0).astype(np.int64))
