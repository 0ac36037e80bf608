"""Is the number of places where the letter changes even?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, Length, lengths_setting, negatives_setting


class EvenPairs(AlphabetLanguage):
    """Even (1) if ab and ba together occur an even number of times, else odd (0).

    `aabba` and `bbb` are even, `abab` and `aab` are odd. With two letters, even means that the
    first and last letters are the same. Source: Delétang et al. (2022).
    """

    class_names: ClassVar = ("odd", "even")
    type: Literal["even_pairs"] = setting("even_pairs", "Which task.")
    alphabet: str = setting("ab", "The two letters.", min_length=2, max_length=2)
    lengths: tuple[Length, Length] = lengths_setting(10, 40)
    negatives: Literal["uniform", "near", "bag"] = negatives_setting("uniform")

    def automaton(self) -> Automaton:
        """Build the automaton: nothing read, then a state for each last letter, even and odd."""
        nothing_read, even, odd = [1, 2], [[1, 4], [3, 2]], [[3, 2], [1, 4]]
        return Automaton(np.array([nothing_read, *even, *odd]), np.array([1, 1, 1, 0, 0]))
