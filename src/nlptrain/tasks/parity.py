"""Does a character occur an even number of times?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, Length, lengths_setting, negatives_setting


class Parity(AlphabetLanguage):
    """Even (1) if the character occurs an even number of times, else odd (0).

    With `a`: `abab` and `bbbb` are even, `abbb` and `aaab` are odd. Letter counts carry the answer
    by definition: at length n a threshold on the count alone is right in ½ + C(n − 1, n / 2) / 2ⁿ
    of the strings of two letters, 61 % at 12 and 56 % at 40. Source: Delétang et al. (2022).
    """

    class_names: ClassVar = ("odd", "even")
    letter_settings: ClassVar = ("character",)
    type: Literal["parity"] = setting("parity", "Which task.")
    character: str = setting("a", "The character to count.", min_length=1, max_length=1)
    alphabet: str = setting("ab", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(10, 40)
    negatives: Literal["uniform", "near"] = negatives_setting("uniform")

    def automaton(self) -> Automaton:
        """Build the automaton: even, odd."""
        is_hit = self.mark(self.character)
        return Automaton(np.stack([is_hit, 1 - is_hit]), np.array([1, 0]))
