"""At which position does a character occur?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, Length, lengths_setting, negatives_setting


class PositionFirst(AlphabetLanguage):
    """The index of the only occurrence, counted from 0, or absent.

    With character `a`: `abcdef` and `ajjjjj` are 0, `bcdefg` and `jjjjjj` are absent. Order
    matters: pooling can at best learn whether the character occurs. Source: the course.
    """

    letter_settings: ClassVar = ("character",)
    type: Literal["position_first"] = setting("position_first", "Which task.")
    character: str = setting("a", "The character to find.", min_length=1, max_length=1)
    lengths: tuple[Length, Length] = lengths_setting(6, 6)
    negatives: Literal["uniform"] = negatives_setting("uniform")

    def labels(self) -> tuple[str, ...]:
        """List the positions of the longest string, then absent."""
        return (*map(str, range(self.lengths[1])), "absent")

    def automaton(self) -> Automaton:
        """Build the automaton: t letters read and none found, found at t, found twice."""
        longest = self.lengths[1]
        self.check_size(2 * longest + 2)
        seeking = np.arange(longest + 1)
        found = longest + 1 + np.arange(longest)
        twice = 2 * longest + 1
        is_hit = self.mark(self.character) > 0
        transitions = np.full((twice + 1, len(self.alphabet)), twice)
        transitions[seeking[:-1]] = np.where(is_hit, found[:, None], seeking[1:, None])
        transitions[found] = np.where(is_hit, twice, found[:, None])
        classes = np.concatenate([np.full(longest + 1, longest), np.arange(longest), [-1]])
        return Automaton(transitions, classes)
