"""What every task is: a config section that can say its labels and its automaton."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from nlptrain.errors import DataError
from nlptrain.settings.section import Section, refuse, setting
from nlptrain.tasks.automaton import Automaton

Length = Annotated[int, Field(ge=1, le=1000)]

MAX_TRANSITIONS = 20_000_000
"""States × letters of an automaton; more would fill gigabytes."""


def lengths_setting(shortest: int, longest: int) -> Any:
    """Declare a task's `lengths` with a default of its own."""
    return setting(
        (shortest, longest), "Shortest and longest string.", unit="characters", strict=False
    )


def negatives_setting(default: str) -> Any:
    """Declare a task's `negatives`; its type says which kinds the task allows."""
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

    A task is a subclass in a file of its own, with a `type`, its parameters, `negatives`, and the
    methods; with two classes, matched negatives are class 0 and their positives class 1.
    """

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
        raise NotImplementedError

    def automaton(self) -> Automaton:
        """Build the automaton that tells the kind of every string."""
        raise NotImplementedError

    def kinds(self) -> tuple[int, ...]:
        """List the class of each kind that the automaton tells apart.

        A class of several kinds gets each of them equally often at each length.
        """
        return tuple(range(len(self.labels())))


class AlphabetLanguage(Language):
    """A language over letters that the config chooses."""

    alphabet: str = setting("abcdefghij", "The letters, each once.", min_length=2, max_length=10000)

    @model_validator(mode="after")
    def _check_alphabet(self) -> Self:
        check_distinct("alphabet", self.alphabet)
        return self

    @property
    def letters(self) -> str:
        """The letters of the strings, each once."""
        return self.alphabet

    def check_letter(self, field: str, letters: str) -> None:
        """Refuse letters that the alphabet lacks."""
        foreign = [letter for letter in letters if letter not in self.alphabet]
        if foreign:
            raise refuse(field, f"{foreign[0]!r} is not in the alphabet {self.alphabet!r}")


def check_distinct(field: str, letters: str) -> None:
    """Refuse a letter that stands twice."""
    if len(set(letters)) < len(letters):
        repeated = min(letter for letter in letters if letters.count(letter) > 1)
        raise refuse(field, f"{repeated!r} appears in it more than once")


def check_size(states: int, letters: int) -> None:
    """Refuse an automaton that would fill gigabytes.

    Raises:
        DataError: It has too many states and letters.
    """
    if states * letters > MAX_TRANSITIONS:
        raise DataError(
            f"data.task: its automaton would have {states:,} states × {letters:,} letters, above "
            f"{MAX_TRANSITIONS:,}; make data.task.alphabet smaller or data.task.lengths shorter"
        )
