"""Are the first and last letters the same?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, Length, lengths_setting, negatives_setting


class SameEnds(AlphabetLanguage):
    """Same (1) if the first and last letters are the same, else different (0).

    `abca` and `cddc` are same, `abcd` and `aabb` are different. By default both classes hold the
    same letters, so pooling scores 50 %. Source: even pairs of Delétang et al. (2022), for any
    alphabet.
    """

    class_names: ClassVar = ("different", "same")
    type: Literal["same_ends"] = setting("same_ends", "Which task.")
    alphabet: str = setting("abcd", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(6, 14)
    negatives: Literal["uniform", "near", "bag"] = negatives_setting("bag")

    def automaton(self) -> Automaton:
        """Build the automaton: nothing read, then a state for each first letter and class."""
        size = len(self.alphabet)
        self.check_size(2 * size + 1)
        first = np.arange(size)
        same, different = 1 + first, 1 + size + first
        later = np.where(np.eye(size, dtype=bool), same[:, None], different[:, None])
        transitions = np.vstack([same, later, later])
        return Automaton(transitions, np.repeat([-1, 1, 0], [1, size, size]))
