"""Where does the one occurrence of a character stand?"""

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


class PositionFirst(AlphabetLanguage):
    """The index of the only occurrence, from 0, or absent.

    With character `a`: `abcdef` and `ajjjjj` are 0, `bcdefg` and `jjjjjj` are absent. The order
    decides it: pooling knows at best whether the character is there. Source: the course.
    """

    type: Literal["position_first"] = setting("position_first", "Which task.")
    character: str = setting("a", "The character to find.", min_length=1, max_length=1)
    lengths: tuple[Length, Length] = lengths_setting(6, 6)
    negatives: Literal["uniform"] = negatives_setting("uniform")

    @model_validator(mode="after")
    def _check_character(self) -> Self:
        self.check_letter("character", self.character)
        return self

    def labels(self) -> tuple[str, ...]:
        """List the positions of the longest string, then absent."""
        return (*map(str, range(self.lengths[1])), "absent")

    def automaton(self) -> Automaton:
        """Build the automaton: t letters read and none found, found at t, found twice."""
        longest = self.lengths[1]
        check_size(2 * longest + 2, len(self.alphabet))
        seeking = np.arange(longest + 1)
        found = longest + 1 + np.arange(longest)
        twice = 2 * longest + 1
        is_hit = np.array([letter == self.character for letter in self.alphabet])
        transitions = np.full((twice + 1, len(self.alphabet)), twice)
        transitions[seeking[:-1]] = np.where(is_hit, found[:, None], seeking[1:, None])
        transitions[found] = np.where(is_hit, twice, found[:, None])
        classes = np.concatenate([np.full(longest + 1, longest), np.arange(longest), [-1]])
        return Automaton(transitions, classes)
