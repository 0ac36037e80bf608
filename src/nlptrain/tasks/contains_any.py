"""Does the string contain one of the given characters?"""

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import refuse, setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import AlphabetLanguage, negatives_setting


class ContainsAny(AlphabetLanguage):
    """Present (1) if at least one of the characters occurs, else absent (0).

    With characters `a`: `abcd` and `ddda` are present, `bcde` and `jjjj` are absent. The letters
    carry the answer by definition, so every encoder can learn it. Source: the course.
    """

    class_names: ClassVar = ("absent", "present")
    letter_settings: ClassVar = ("characters",)
    type: Literal["contains_any"] = setting("contains_any", "Which task.")
    characters: str = setting("a", "The characters to look for.", min_length=1)
    hits: Literal["natural", "one"] = setting(
        "natural", "How many occur in a present string: left to chance, or exactly one."
    )
    negatives: Literal["uniform", "near"] = negatives_setting("uniform")

    @model_validator(mode="after")
    def _check_characters(self) -> Self:
        if set(self.characters) >= set(self.alphabet):
            raise refuse("characters", "all letters of the alphabet: no string would be absent")
        return self

    def automaton(self) -> Automaton:
        """Build the automaton: none seen, one seen, and (for exactly one) too many."""
        is_hit = self.mark(self.characters)
        after_hit = 1 + is_hit if self.hits == "one" else np.ones_like(is_hit)
        transitions = np.stack([is_hit, after_hit, np.full_like(is_hit, 2)])
        return Automaton(transitions, np.array([0, 1, -1]))
