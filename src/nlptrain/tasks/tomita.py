"""Tomita's seven languages of zeros and ones."""

from typing import Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import (
    AlphabetLanguage,
    Length,
    kgram_size_setting,
    lengths_setting,
    negatives_setting,
)

# Next state at a zero and at a one, state after state, and the states that accept.
LANGUAGES = {
    1: ([[1, 0], [1, 1]], [0]),
    2: ([[2, 1], [0, 2], [2, 2]], [0]),
    3: ([[0, 1], [2, 0], [3, 4], [2, 1], [4, 4]], [0, 1, 3]),
    4: ([[1, 0], [2, 0], [3, 0], [3, 3]], [0, 1, 2]),
    5: ([[1, 2], [0, 3], [3, 0], [2, 1]], [0]),
    6: ([[1, 2], [2, 0], [0, 1]], [0]),
    7: ([[0, 1], [2, 1], [2, 3], [4, 3], [4, 4]], [0, 1, 2, 3]),
}


class Tomita(AlphabetLanguage):
    """In (1) the language of that number, or out (0) of it.

    1: only ones. 2: 10 repeated. 3: no odd run of zeros directly after an odd run of ones (some
    code forbids it anywhere later too: another language). 4: no 000. 5: zeros and ones both even in
    number. 6: as many zeros as ones, modulo 3. 7: 0*1*0*1*. For 4: `0010` and `11` are in, `10001`
    and `000` are out. Few strings are in 1, 2 and 7: ask for small sizes. Letter counts carry the
    answer of 1, 5 and 6 by definition, bigrams that of 2 and 7. Source: Tomita (1982).
    """

    type: Literal["tomita"] = setting("tomita", "Which task.")
    number: int = setting(4, "Which of the seven.", ge=1, le=7)
    alphabet: str = setting("01", "The zero and the one.", min_length=2, max_length=2)
    lengths: tuple[Length, Length] = lengths_setting(8, 20)
    negatives: Literal["uniform", "near", "bag", "kgram"] = negatives_setting("uniform")
    kgram_size: int = kgram_size_setting()

    def labels(self) -> tuple[str, ...]:
        """List the class names."""
        return ("out", "in")

    def automaton(self) -> Automaton:
        """Build the automaton of the table."""
        transitions, accepting = LANGUAGES[self.number]
        classes = np.isin(np.arange(len(transitions)), accepting).astype(np.int64)
        return Automaton(np.array(transitions), classes)
