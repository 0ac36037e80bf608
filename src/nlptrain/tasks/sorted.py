"""Are the letters in alphabetical order?"""

from typing import ClassVar, Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, Length, lengths_setting, negatives_setting


class Sorted(AlphabetLanguage):
    """Sorted (1) if no letter follows a later one of the alphabet, else unsorted (0).

    `abbd` and `cdij` are sorted, `badb` and `jicd` are unsorted. By default an unsorted string
    holds the same letters as a sorted one, so pooling scores exactly 50 %. Bigrams carry the answer
    by definition: every unsorted string has a descending one. Source: the course.
    """

    class_names: ClassVar = ("unsorted", "sorted")
    type: Literal["sorted"] = setting("sorted", "Which task.")
    lengths: tuple[Length, Length] = lengths_setting(6, 14)
    negatives: Literal["uniform", "near", "bag"] = negatives_setting("bag")

    def automaton(self) -> Automaton:
        """Build the automaton: a state for each last letter, and one for unsorted."""
        unsorted = len(self.alphabet)
        self.check_size(unsorted + 1)
        letters = np.arange(unsorted)
        transitions = np.where(letters >= np.arange(unsorted + 1)[:, None], letters, unsorted)
        return Automaton(transitions, np.append(np.ones(unsorted, np.int64), 0))
