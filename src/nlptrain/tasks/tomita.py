"""The seven languages of Tomita, over zeros and ones."""

from typing import ClassVar, Literal

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

# For each state the next one after a zero and after a one; and the accepting states.
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
    """In (1) if the string belongs to the language of that number, else out (0).

    1: only ones. 2: 10 repeated. 3: no odd run of zeros directly after an odd run of ones (some
    code forbids it anywhere later too: a different language). 4: no 000. 5: an even number of zeros
    and of ones. 6: as many zeros as ones, modulo 3. 7: 0*1*0*1*. For 4: `0010` and `11` are in,
    `10001` and `000` are out. Few strings are in 1, 2 and 7: use small sizes. Letter counts carry
    the answer to 1, 5 and 6 by definition, bigrams that to 2 and 7. Source: Tomita (1982).
    """

    class_names: ClassVar = ("out", "in")
    type: Literal["tomita"] = setting("tomita", "Which task.")
    number: int = setting(4, "Which of the seven.", ge=1, le=7)
    alphabet: str = setting("01", "The zero and the one.", min_length=2, max_length=2)
    lengths: tuple[Length, Length] = lengths_setting(8, 20)
    negatives: Literal["uniform", "near", "bag", "kgram"] = negatives_setting("uniform")
    kgram_size: int = kgram_size_setting()

    def automaton(self) -> Automaton:
        """Build the automaton from the table."""
        transitions, accepting = LANGUAGES[self.number]
        classes = np.isin(np.arange(len(transitions)), accepting).astype(np.int64)
        return Automaton(np.array(transitions), classes)
