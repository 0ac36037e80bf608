"""Are the brackets balanced?"""

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    Language,
    Length,
    check_distinct,
    kgram_size_setting,
    lengths_setting,
    negatives_setting,
)


class Dyck1(Language):
    """Balanced (1) if every bracket has its match, else unbalanced (0); fillers mean nothing.

    `(a(b))` and `a()()` are balanced, `(a(b)` and `)a(` are unbalanced. No finite automaton
    recognizes the language at all lengths; one with a state per depth does up to a given length.
    Source: Weiss et al. (2018), with fillers.
    """

    class_names: ClassVar = ("unbalanced", "balanced")
    type: Literal["dyck1"] = setting("dyck1", "Which task.")
    brackets: str = setting("()", "The opening and closing ones.", min_length=2, max_length=2)
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

    def automaton(self) -> Automaton:
        """Build the automaton: the depth, up to half the longest string; deeper is lost."""
        lost = self.lengths[1] // 2 + 1
        self.check_size(lost + 1)
        depth = np.arange(lost + 1)
        transitions = np.repeat(depth[:, None], len(self.letters), axis=1)
        transitions[:, 0] = np.minimum(depth + 1, lost)
        transitions[:, 1] = depth - 1
        transitions[0, 1] = transitions[lost, 1] = lost
        return Automaton(transitions, (depth == 0).astype(np.int64))
