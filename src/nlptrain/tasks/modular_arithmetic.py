"""What is the value of a sum of products, modulo a small number?"""

from itertools import product
from typing import Literal

import numpy as np

from nlptrain.settings.section import setting
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.language import Language, Length, lengths_setting, negatives_setting

DIGITS = "0123456789"
OPERATORS = "+-*"


class ModularArithmetic(Language):
    """The value of digits with + - * between them, products first, modulo `modulus`.

    Modulo 5: `1+2*3` and `4-2` are 2, `2*4-0` and `1-3` are 3. All such strings have odd lengths.
    Source: modular arithmetic without brackets of Delétang et al. (2022).
    """

    type: Literal["modular_arithmetic"] = setting("modular_arithmetic", "Which task.")
    modulus: int = setting(5, "Digits and values are below it.", ge=2, le=10)
    lengths: tuple[Length, Length] = lengths_setting(5, 39)
    negatives: Literal["uniform"] = negatives_setting("uniform")

    @property
    def letters(self) -> str:
        """The digits below the modulus, then the operators."""
        return DIGITS[: self.modulus] + OPERATORS

    def labels(self) -> tuple[str, ...]:
        """List the values."""
        return tuple(DIGITS[: self.modulus])

    def automaton(self) -> Automaton:
        """Build the automaton: the sum so far, the open product, whether a digit comes next.

        A state before a digit is (sum, factor); digit times factor is then the open product.
        """
        m = self.modulus
        wrong = 2 * m * m
        transitions = np.full((wrong + 1, m + len(OPERATORS)), wrong)
        for total, factor in product(range(m), repeat=2):
            due = total * m + factor
            for digit in range(m):
                transitions[due, digit] = m * m + total * m + factor * digit % m
            read, value = m * m + due, (total + factor) % m
            plus, minus = value * m + 1, value * m + (m - 1)
            transitions[read, m:] = [plus, minus, due]
        values = np.add.outer(np.arange(m), np.arange(m)).reshape(-1) % m
        classes = np.concatenate([np.full(m * m, -1), values, [-1]])
        # Before the first digit the sum is 0 and the product is empty: 1.
        return Automaton(transitions, classes, start=1)
