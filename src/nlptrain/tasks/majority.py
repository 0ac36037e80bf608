"""Does one character occur more often than another?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, Length, lengths_setting, negatives_setting


class Majority(AlphabetLanguage):
    """More (1) if `first` occurs more often than `second`, less (0) if it occurs less often.

    With `a` and `b`: `aabc` and `cacc` are more, `abbc` and `ccbb` are less; ties are left out. The
    letter counts carry the answer by definition: mean pooling computes it exactly at any length,
    max pooling and a CNN cannot. Source: Weiss et al. (2018).
    """

    class_names: ClassVar = ("less", "more")
    letter_settings: ClassVar = ("first", "second")
    type: Literal["majority"] = setting("majority", "Which task.")
    first: str = setting("a", "The one that class 1 has more of.", min_length=1, max_length=1)
    second: str = setting("b", "The one it is compared with.", min_length=1, max_length=1)
    margin: Literal["natural", "one"] = setting(
        "natural", "How many more: left to chance, or exactly one."
    )
    alphabet: str = setting("abc", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(8, 20)
    negatives: Literal["uniform", "near"] = negatives_setting("uniform")

    def automaton(self) -> Automaton:
        """Build the automaton: a state for each possible difference."""
        longest = self.lengths[1]
        self.check_size(2 * longest + 1)
        difference = np.arange(-longest, longest + 1)
        step = self.mark(self.first) - self.mark(self.second)
        states = np.arange(len(difference))[:, None] + step
        classes = np.select([difference > 0, difference < 0], [1, 0], -1)
        if self.margin == "one":
            classes[np.abs(difference) > 1] = -1
        return Automaton(np.clip(states, 0, 2 * longest), classes, start=longest)
