"""Does a character occur exactly k times?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, Length, lengths_setting, negatives_setting


class ExactlyK(AlphabetLanguage):
    """Exact (1) if the character occurs exactly `count` times, off (0) if once more or once less.

    With character `a` and count 3: `abacad` and `aaabbb` are exact, `abacbd` and `aaabba` are off;
    once more and once less are equally frequent. The letter counts carry the answer by definition,
    but not linearly: a threshold on the count reaches 75 %. Source: the counting languages of
    Weiss et al. (2018).
    """

    class_names: ClassVar = ("off", "exact")
    letter_settings: ClassVar = ("character",)
    type: Literal["exactly_k"] = setting("exactly_k", "Which task.")
    character: str = setting("a", "The character to count.", min_length=1, max_length=1)
    count: int = setting(3, "How often it should occur.", unit="characters", ge=1, le=1000)
    alphabet: str = setting("abcd", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(6, 16)
    negatives: Literal["uniform", "near"] = negatives_setting("uniform")

    def kinds(self) -> tuple[int, ...]:
        """List the classes of one less, exact, one more."""
        return (0, 1, 0)

    def automaton(self) -> Automaton:
        """Build the automaton: a state for each count, up to two more than wanted."""
        states = np.arange(self.count + 3)
        self.check_size(len(states))
        transitions = np.minimum(states[:, None] + self.mark(self.character), states[-1])
        kinds = states - (self.count - 1)
        return Automaton(transitions, np.where((kinds >= 0) & (kinds <= 2), kinds, -1))
