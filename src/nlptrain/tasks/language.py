"""What every task is: a config section that can say its labels and its automaton."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from nlptrain.section import Section, refuse, setting
from nlptrain.tasks.automaton import Automaton

Length = Annotated[int, Field(ge=1, le=1000)]


class Language(Section):
    """A synthetic string language whose strings fall into classes.

    A task is a subclass in a file of its own, with a `type`, its parameters, and the two methods.
    """

    alphabet: str = setting("abcdefghij", "The letters, each once.", min_length=2, max_length=10000)
    lengths: tuple[Length, Length] = setting(
        (4, 12), "Shortest and longest string.", unit="characters", strict=False
    )

    @model_validator(mode="after")
    def _check_alphabet_and_lengths(self) -> Self:
        repeated = sorted({letter for letter in self.alphabet if self.alphabet.count(letter) > 1})
        if repeated:
            raise refuse("alphabet", f"{repeated[0]!r} stands in it more than once")
        if self.lengths[0] > self.lengths[1]:
            raise refuse("lengths", f"{list(self.lengths)} is not [shortest, longest]")
        return self

    def labels(self) -> tuple[str, ...]:
        """List the class names, by class index."""
        raise NotImplementedError

    def automaton(self) -> Automaton:
        """Build the automaton that tells the class of every string."""
        raise NotImplementedError
