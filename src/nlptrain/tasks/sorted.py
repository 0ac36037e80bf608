"""Do the letters stand in the order of the alphabet?"""

from typing import Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    AlphabetLanguage,
    Length,
    check_size,
    lengths_setting,
    negatives_setting,
)


class Sorted(AlphabetLanguage):
    """Sorted (1) if no letter stands behind a later one of the alphabet, else unsorted (0).

    `abbd` and `cdij` are sorted, `badb` and `jicd` are unsorted. By default an unsorted string
    holds the same letters as a sorted one, so pooling scores exactly 50 %. Bigrams carry the answer
    by definition: an unsorted string holds a falling one. Source: the course.
    """

    type: Literal["sorted"] = setting("sorted", "Which task.")
    lengths: tuple[Length, Length] = lengths_setting(6, 14)
    negatives: Literal["uniform", "near", "bag"] = negatives_setting("bag")

    def labels(self) -> tuple[str, ...]:
        """List the class names."""
        return ("unsorted", "sorted")

    def automaton(self) -> Automaton:
        """Build the automaton: a state for each last letter, and one for unsorted."""
        unsorted = len(self.alphabet)
        check_size(unsorted + 1, unsorted)
        letters = np.arange(unsorted)
        transitions = np.where(letters >= np.arange(unsorted + 1)[:, None], letters, unsorted)
        return Automaton(transitions, np.append(np.ones(unsorted, np.int64), 0))
