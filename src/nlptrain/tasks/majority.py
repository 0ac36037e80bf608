"""Does one character occur more often than another?"""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import refuse, setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    AlphabetLanguage,
    Length,
    check_size,
    lengths_setting,
    negatives_setting,
)


class Majority(AlphabetLanguage):
    """More (1) if `first` occurs more often than `second`, less (0) if it occurs less often.

    With `a` and `b`: `aabc` and `cacc` are more, `abbc` and `ccbb` are less; ties are left out. The
    letter counts carry the answer by definition: mean pooling computes it exactly at any length,
    max pooling and a CNN cannot. Source: Weiss et al. (2018).
    """

    type: Literal["majority"] = setting("majority", "Which task.")
    first: str = setting("a", "The character that is to be more.", min_length=1, max_length=1)
    second: str = setting("b", "The one it is compared with.", min_length=1, max_length=1)
    margin: Literal["natural", "one"] = setting(
        "natural", "How many more: as chance has it, or exactly one."
    )
    alphabet: str = setting("abc", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(8, 20)
    negatives: Literal["uniform", "near"] = negatives_setting("uniform")

    @model_validator(mode="after")
    def _check_characters(self) -> Self:
        self.check_letter("first", self.first)
        self.check_letter("second", self.second)
        if self.first == self.second:
            raise refuse("second", f"{self.second!r} is first too; give two letters")
        return self

    def labels(self) -> tuple[str, ...]:
        """List the class names."""
        return ("less", "more")

    def automaton(self) -> Automaton:
        """Build the automaton: a state for each difference that the lengths allow."""
        longest = self.lengths[1]
        check_size(2 * longest + 1, len(self.alphabet))
        difference = np.arange(-longest, longest + 1)
        step = [(letter == self.first) - (letter == self.second) for letter in self.alphabet]
        states = np.arange(len(difference))[:, None] + np.array(step)
        classes = np.select([difference > 0, difference < 0], [1, 0], -1)
        if self.margin == "one":
            classes[np.abs(difference) > 1] = -1
        return Automaton(np.clip(states, 0, 2 * longest), classes, start=longest)
