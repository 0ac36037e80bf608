"""Where does the one occurrence of a character stand?"""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.section import refuse, setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import Language, Length


class PositionFirst(Language):
    """The index of the only occurrence, from 0, or absent.

    With character `a` and length 6: `abcdef` is 0, `bcdaef` is 3, `bcdefg` is absent. The order
    decides it: pooling knows at best whether the character is there.
    """

    type: Literal["position_first"] = setting("position_first", "Which task.")
    character: str = setting("a", "The character to find.", min_length=1, max_length=1)
    lengths: tuple[Length, Length] = setting(
        (6, 6), "Shortest and longest string.", unit="characters", strict=False
    )

    @model_validator(mode="after")
    def _check_character(self) -> Self:
        if self.character not in self.alphabet:
            raise refuse("character", f"{self.character!r} is not in {self.alphabet!r}")
        return self

    def labels(self) -> tuple[str, ...]:
        """List the positions of the longest string, then absent."""
        return (*map(str, range(self.lengths[1])), "absent")

    def automaton(self) -> Automaton:
        """Build the automaton: t letters read and none found, found at t, found twice."""
        longest = self.lengths[1]
        seeking = np.arange(longest + 1)
        found = longest + 1 + np.arange(longest)
        twice = 2 * longest + 1
        is_hit = np.array([letter == self.character for letter in self.alphabet])
        transitions = np.full((twice + 1, len(self.alphabet)), twice)
        transitions[seeking[:-1]] = np.where(is_hit, found[:, None], seeking[1:, None])
        transitions[found] = np.where(is_hit, twice, found[:, None])
        classes = np.concatenate([np.full(longest + 1, longest), np.arange(longest), [-1]])
        return Automaton(transitions, classes)
