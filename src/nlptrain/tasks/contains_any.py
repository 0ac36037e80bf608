"""Does the string contain one of the given characters?"""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.section import refuse, setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import Language


class ContainsAny(Language):
    """Present (1) if at least one of the characters occurs, else absent (0).

    With characters `a`: `abcd` and `ddda` are present, `bcde` and `jjjj` are absent. A bag of
    letters decides it, so every encoder can learn it.
    """

    type: Literal["contains_any"] = setting("contains_any", "Which task.")
    characters: str = setting("a", "The characters to look for.", min_length=1)
    hits: Literal["natural", "one"] = setting(
        "natural", "How many stand in a present string: as chance has it, or exactly one."
    )

    @model_validator(mode="after")
    def _check_characters(self) -> Self:
        foreign = [letter for letter in self.characters if letter not in self.alphabet]
        if foreign:
            raise refuse("characters", f"{foreign[0]!r} is not in the alphabet {self.alphabet!r}")
        if set(self.characters) >= set(self.alphabet):
            raise refuse("characters", "all letters of the alphabet: no string would be absent")
        return self

    def labels(self) -> tuple[str, ...]:
        """List the class names."""
        return ("absent", "present")

    def automaton(self) -> Automaton:
        """Build the automaton: none seen, one seen, and (for exactly one) too many."""
        is_hit = np.array([letter in self.characters for letter in self.alphabet], np.int64)
        after_hit = 1 + is_hit if self.hits == "one" else np.ones_like(is_hit)
        transitions = np.stack([is_hit, after_hit, np.full_like(is_hit, 2)])
        return Automaton(transitions, np.array([0, 1, -1]))
