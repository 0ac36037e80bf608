"""Which of two characters comes first?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    AlphabetLanguage,
    Length,
    kgram_size_setting,
    lengths_setting,
    negatives_setting,
)


class FirstBefore(AlphabetLanguage):
    """Before (1) if the first `first` comes before the first `second`, else after (0).

    With `a` and `b`: `cabd` and `ddaabb` are before, `cbad` and `bdaaad` are after; both occur in
    every string. By default both classes hold the same letters, so pooling scores 50 %; with
    `kgram` the same k-grams and ends too, so a CNN that sees k letters does. Source: the
    subsequences of Avcu et al. (2017).
    """

    class_names: ClassVar = ("after", "before")
    letter_settings: ClassVar = ("first", "second")
    type: Literal["first_before"] = setting("first_before", "Which task.")
    first: str = setting("a", "The character that should come first.", min_length=1, max_length=1)
    second: str = setting("b", "The other one.", min_length=1, max_length=1)
    alphabet: str = setting("abcd", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(8, 20)
    negatives: Literal["uniform", "near", "bag", "kgram"] = negatives_setting("bag")
    kgram_size: int = kgram_size_setting()

    def automaton(self) -> Automaton:
        """Build the automaton: neither seen, only one seen (two states), both seen (two states)."""
        none, first_only, second_only, before, after = range(5)
        place, other = self.alphabet.index(self.first), self.alphabet.index(self.second)
        transitions = np.repeat(np.arange(5)[:, None], len(self.alphabet), axis=1)
        transitions[none, place], transitions[none, other] = first_only, second_only
        transitions[first_only, other], transitions[second_only, place] = before, after
        return Automaton(transitions, np.array([-1, -1, -1, 1, 0]))
