"""Does the string match a regular expression? Any regular language, from the config."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nlptrain.settings.section import refuse, setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.determinize import TooLargeError, build_smallest
from nlptrain.tasks.expression import PatternError, parse_expression
from nlptrain.tasks.language import (
    AlphabetLanguage,
    Length,
    kgram_size_setting,
    lengths_setting,
    negatives_setting,
)


class Regex(AlphabetLanguage):
    """Match (1) if the whole string matches the pattern, else no match (0).

    With `(ab|c)*`: `abcab` and `cccc` are a match, `abca` and `bbbb` are no match. Depending on the
    pattern, letter counts or bigrams may carry the answer by definition; `near`, `bag` and `kgram`
    remove what can be removed. Source: yours.
    """

    class_names: ClassVar = ("no match", "match")
    type: Literal["regex"] = setting("regex", "Which task.")
    pattern: str = setting(
        "(ab|c)*",
        "As in Python: letters, classes, groups, choices, * + ? {m,n}; matched as a whole.",
        min_length=1,
        max_length=1000,
    )
    alphabet: str = setting("abc", "The letters, each once.", min_length=1, max_length=10000)
    lengths: tuple[Length, Length] = lengths_setting(8, 30)
    negatives: Literal["uniform", "near", "bag", "kgram"] = negatives_setting("uniform")
    kgram_size: int = kgram_size_setting()

    @model_validator(mode="after")
    def _check_pattern(self) -> Self:
        try:
            self.automaton()
        except (PatternError, TooLargeError) as error:
            raise refuse("pattern", f"{self.pattern!r}: {error}") from None
        return self

    def automaton(self) -> Automaton:
        """Build the smallest automaton of the expression."""
        return build_smallest(parse_expression(self.pattern, self.alphabet), self.alphabet)
