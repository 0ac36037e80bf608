"""What every task is: a config section that defines its classes and its automaton."""

from typing import Annotated, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from nlptrain.errors import DataError
from nlptrain.settings.section import Section, refuse, setting
from nlptrain.tasks.automaton import Automaton

Length = Annotated[int, Field(ge=1, le=1000)]

MAX_TRANSITIONS = 20_000_000
"""States × letters of an automaton; a larger one would fill gigabytes."""


def lengths_setting(shortest: int, longest: int) -> Any:
    """Declare a task's `lengths` with its own default."""
    return setting(
        (shortest, longest), "Shortest and longest string.", unit="characters", strict=False
    )


def negatives_setting(default: str) -> Any:
    """Declare a task's `negatives`; its type lists the kinds that the task allows."""
    return setting(
        default,
        "How the second class is drawn: uniform; or each string as the match of one of the first: "
        "near (one letter changed), bag (same letters), kgram (same k-grams and ends).",
    )


def kgram_size_setting() -> Any:
    """Declare the `kgram_size` of a task that allows `negatives: kgram`."""
    return setting(2, "kgram: letters of the k-grams that matched strings share.", ge=2, le=10)


class Language(Section):
    """A synthetic string language whose strings fall into classes.

    Each task is a subclass in its own file, with a `type`, its parameters, `negatives`, and the
    methods; with two classes, matched negatives are class 0 and their positives class 1.

    Attributes:
        class_names: By class index, where the parameters do not change them.
    """

    class_names: ClassVar[tuple[str, ...]] = ()
    lengths: tuple[Length, Length] = lengths_setting(4, 12)
    negatives: str = negatives_setting("uniform")

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        if self.lengths[0] > self.lengths[1]:
            raise refuse("lengths", f"{list(self.lengths)} is not [shortest, longest]")
        return self

    @property
    def letters(self) -> str:
        """The letters of the strings, each once."""
        raise NotImplementedError

    def labels(self) -> tuple[str, ...]:
        """List the class names, by class index."""
        return self.class_names

    def automaton(self) -> Automaton:
        """Build the automaton that determines the kind of every string."""
        raise NotImplementedError

    def kinds(self) -> tuple[int, ...]:
        """List the class of each kind that the automaton distinguishes.

        Within a class, all kinds are equally frequent at each length.
        """
        return tuple(range(len(self.labels())))

    def check_size(self, states: int) -> None:
        """Refuse an automaton that would fill gigabytes.

        Raises:
            DataError: It has too many states for this many letters.
        """
        letters = len(self.letters)
        if states * letters > MAX_TRANSITIONS:
            raise DataError(
                f"data.task: its automaton would have {states:,} states × {letters:,} letters, "
                f"more than {MAX_TRANSITIONS:,}; use a smaller data.task.alphabet or shorter "
                "data.task.lengths"
            )


class AlphabetLanguage(Language):
    """A language over letters that the config chooses.

    Attributes:
        letter_settings: The settings that hold letters of the alphabet; two differ.
    """

    letter_settings: ClassVar[tuple[str, ...]] = ()
    alphabet: str = setting("abcdefghij", "The letters, each once.", min_length=2, max_length=10000)

    @model_validator(mode="after")
    def _check_letters(self) -> Self:
        check_distinct("alphabet", self.alphabet)
        chosen = {name: getattr(self, name) for name in self.letter_settings}
        for name, letters in chosen.items():
            if foreign := [letter for letter in letters if letter not in self.alphabet]:
                raise refuse(name, f"{foreign[0]!r} is not in the alphabet {self.alphabet!r}")
        if len(set(chosen.values())) < len(chosen):
            first, second = chosen
            raise refuse(second, f"{chosen[second]!r} is also {first}; use two different letters")
        return self

    @property
    def letters(self) -> str:
        """The letters of the strings, each once."""
        return self.alphabet

    def mark(self, letters: str) -> NDArray[np.int64]:
        """Mark with 1 the letters of the alphabet that are among these, the others with 0: (A,)."""
        return np.array([letter in letters for letter in self.alphabet], np.int64)


def check_distinct(field: str, letters: str) -> None:
    """Refuse letters that are repeated."""
    if len(set(letters)) < len(letters):
        repeated = min(letter for letter in letters if letters.count(letter) > 1)
        raise refuse(field, f"{repeated!r} appears in it more than once")
