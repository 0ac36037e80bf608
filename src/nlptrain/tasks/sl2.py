"""Does a strictly 2-local grammar allow the string's ends and pairs of neighbours?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, Length, lengths_setting, negatives_setting


class Sl2(AlphabetLanguage):
    """Allowed (1) unless it begins with b, holds aa or bb, or ends with a; else forbidden (0).

    The alphabet's first two letters are a and b: `abcd` and `cabd` are allowed, `bacd` and `caad`
    are forbidden. Pairs of neighbours and the ends carry the answer by definition: a bigram model
    that sees the ends solves it. Source: SL2 of Avcu et al. (2017).
    """

    class_names: ClassVar = ("forbidden", "allowed")
    type: Literal["sl2"] = setting("sl2", "Which task.")
    alphabet: str = setting("abcd", "The letters, each once.", min_length=3, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(6, 14)
    negatives: Literal["uniform", "near", "bag"] = negatives_setting("uniform")

    def automaton(self) -> Automaton:
        """Build the automaton: nothing read, last an a, last a b, last another, forbidden."""
        nothing, last_a, last_b, other, forbidden = range(5)
        transitions = np.full((5, len(self.alphabet)), other)
        transitions[:, 0], transitions[:, 1] = last_a, last_b
        transitions[nothing, 1] = transitions[last_a, 0] = transitions[last_b, 1] = forbidden
        transitions[forbidden] = forbidden
        return Automaton(transitions, np.array([-1, 0, 1, 1, 0]))
