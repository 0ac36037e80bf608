"""Does the string contain all of the given characters?"""

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    AlphabetLanguage,
    Length,
    check_distinct,
    lengths_setting,
    negatives_setting,
)


class ContainsAll(AlphabetLanguage):
    """All (1) if every one of the characters occurs, missing (0) if exactly one does not.

    With characters `abc`: `cabd` and `abbc` are all, `abdd` and `bcbc` are missing. Strings that
    lack more are left out. The letters carry the answer by definition; mean pooling needs a hidden
    layer for it. Source: the strictly piecewise languages of Avcu et al. (2017), made symmetric.
    """

    class_names: ClassVar = ("missing", "all")
    letter_settings: ClassVar = ("characters",)
    type: Literal["contains_all"] = setting("contains_all", "Which task.")
    characters: str = setting("abc", "The characters to look for.", min_length=2, max_length=8)
    lengths: tuple[Length, Length] = lengths_setting(6, 14)
    negatives: Literal["uniform", "near"] = negatives_setting("uniform")

    @model_validator(mode="after")
    def _check_characters(self) -> Self:
        check_distinct("characters", self.characters)
        return self

    def automaton(self) -> Automaton:
        """Build the automaton: a state for each set of characters seen, as bits."""
        num_sets = 2 ** len(self.characters)
        self.check_size(num_sets)
        places = map(self.characters.find, self.alphabet)
        bits = np.array([1 << place if place >= 0 else 0 for place in places])
        sets = np.arange(num_sets)
        missing = len(self.characters) - np.bitwise_count(sets)
        classes = np.select([missing == 0, missing == 1], [1, 0], -1)
        return Automaton(sets[:, None] | bits, classes)
