"""What did the last write instruction write?"""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from nlptrain.settings.section import refuse, setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    Language,
    Length,
    check_distinct,
    kgram_size_setting,
    lengths_setting,
    negatives_setting,
)


class FlipFlop(Language):
    """The letter that follows the last `write`; after each `write` comes a letter of `values`.

    With write `w`: `w0i1` and `1w1iw0` are 0, `w1i0` and `w0w1ii` are 1. The letter is followed by
    0, 1, 2 … others with equal frequency, so a CNN sees it only within its receptive field. It
    counts as one more letter of its kind, which letter counts and bigrams reveal; with two values,
    `kgram` removes that clue. Source: flip-flop languages (Liu et al. 2023).
    """

    type: Literal["flip_flop"] = setting("flip_flop", "Which task.")
    write: str = setting("w", "The letter that writes the next one.", min_length=1, max_length=1)
    values: str = setting("01", "The letters to write.", min_length=2, max_length=100)
    fillers: str = setting("i", "Letters that mean nothing.", max_length=1000)
    lengths: tuple[Length, Length] = lengths_setting(6, 20)
    negatives: Literal["uniform", "near", "bag", "kgram"] = negatives_setting("uniform")
    kgram_size: int = kgram_size_setting()

    @model_validator(mode="after")
    def _check_letters(self) -> Self:
        check_distinct("fillers", self.letters)
        if self.negatives != "uniform" and len(self.values) > 2:
            raise refuse(
                "negatives", f"{self.negatives!r} takes two values, not {len(self.values)}"
            )
        return self

    @property
    def letters(self) -> str:
        """The write, the values, the fillers."""
        return self.write + self.values + self.fillers

    def labels(self) -> tuple[str, ...]:
        """List the values."""
        return tuple(self.values)

    def kinds(self) -> tuple[int, ...]:
        """List the class of each pair of distance and value: the value."""
        return tuple(range(len(self.values))) * max(1, self.lengths[1] - 1)

    def automaton(self) -> Automaton:
        """Build the automaton: none written, writing, wrong, then one per distance and value."""
        unwritten, writing, wrong, written = range(4)
        num_values, num_kinds = len(self.values), len(self.kinds())
        self.check_size(num_kinds + 3)
        transitions = np.full((num_kinds + 3, len(self.letters)), wrong)
        transitions[unwritten] = unwritten
        transitions[written:] = np.arange(num_kinds)[:, None] + written + num_values
        # Even the longest strings never reach beyond the last distance.
        transitions[transitions >= len(transitions)] = wrong
        transitions[:, 0] = writing
        transitions[writing] = transitions[wrong] = wrong
        transitions[writing, 1 : 1 + num_values] = written + np.arange(num_values)
        return Automaton(transitions, np.append([-1, -1, -1], np.arange(num_kinds)))
