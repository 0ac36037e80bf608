"""Where do the steps lead on a ring?"""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    Language,
    Length,
    check_distinct,
    lengths_setting,
    negatives_setting,
)


class CycleNavigation(Language):
    """The place on a ring, counted from 0, after the steps back, stay and forward from place 0.

    With steps `-0+` and 5 places: `++0` and `---` are 2, `-` and `++0++` are 4. Source: Delétang et
    al. (2022).
    """

    type: Literal["cycle_navigation"] = setting("cycle_navigation", "Which task.")
    steps: str = setting(
        "-0+", "The letters for back, stay and forward.", min_length=3, max_length=3
    )
    places: int = setting(5, "Places on the ring.", ge=2, le=100)
    lengths: tuple[Length, Length] = lengths_setting(8, 40)
    negatives: Literal["uniform"] = negatives_setting("uniform")

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        check_distinct("steps", self.steps)
        return self

    @property
    def letters(self) -> str:
        """The three steps."""
        return self.steps

    def labels(self) -> tuple[str, ...]:
        """List the places."""
        return tuple(map(str, range(self.places)))

    def automaton(self) -> Automaton:
        """Build the automaton: the place."""
        places = np.arange(self.places)
        return Automaton((places[:, None] + np.array([-1, 0, 1])) % self.places, places)
