"""Deterministic finite automata that count, draw and list the strings of a class at one length.

A task says what it means as an automaton; everything exact about sampling follows from it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Letters = NDArray[np.uint16]
"""Strings of one length, as indices into the alphabet: (N, T)."""


@dataclass(frozen=True, eq=False)
class Automaton:
    """A complete automaton whose states carry the class of the strings that end there.

    Attributes:
        transitions: Next state by state and letter: (S, A).
        classes: Class index of each state, −1 where no class: (S,).
        start: The first state.
    """

    transitions: NDArray[np.int64]
    classes: NDArray[np.int64]
    start: int = 0

    def count(self, length: int, class_index: int) -> float:
        """Count the class's strings of a length; exact up to 2⁵³, rounded above."""
        scaled, exponent = self._counts(length, class_index)[length]
        return float(np.ldexp(scaled[self.start], exponent))

    def draw(
        self, length: int, class_index: int, size: int, generator: np.random.Generator
    ) -> Letters:
        """Draw strings uniformly, with replacement, among the class's strings of a length.

        At each position a letter's chance is the share of completions that it leaves open.

        Returns:
            Letters, (size, length).

        Raises:
            ValueError: The class has no string of this length.
        """
        counts = self._counts(length, class_index)
        if counts[length][0][self.start] == 0:
            raise ValueError(f"class {class_index} has no string of length {length}")
        letters = np.empty((size, length), np.uint16)
        states = np.full(size, self.start)
        for position in range(length):
            completions = counts[length - position - 1][0][self.transitions]
            cumulative = completions.cumsum(axis=1)
            chance = generator.random(size) * cumulative[states, -1]
            # A letter without completions has no width in the sum, so it is never chosen.
            letter = (chance[:, None] >= cumulative[states]).sum(axis=1)
            letters[:, position] = letter
            states = self.transitions[states, letter]
        return letters

    def enumerate(self, length: int, class_index: int) -> Letters:
        """List all of the class's strings of a length, in alphabetical order: (count, length)."""
        counts = self._counts(length, class_index)
        letters = np.empty((1, 0), np.uint16)
        states = np.array([self.start])
        for position in range(length):
            open_letters = counts[length - position - 1][0][self.transitions[states]] > 0
            row, letter = np.nonzero(open_letters)
            letters = np.hstack([letters[row], letter[:, None].astype(np.uint16)])
            states = self.transitions[states[row], letter]
        return letters[self.classes[states] == class_index]

    def classify(self, letters: Letters) -> NDArray[np.int64]:
        """Tell the class index of each string: (N, T) → (N,)."""
        states = np.full(len(letters), self.start)
        for position in range(letters.shape[1]):
            states = self.transitions[states, letters[:, position]]
        return self.classes[states]

    @cached_property
    def _tables(self) -> dict[int, list[tuple[NDArray[np.float64], int]]]:
        return {}

    def _counts(self, length: int, class_index: int) -> list[tuple[NDArray[np.float64], int]]:
        """Count the ways to end in the class, by letters left and state.

        Each entry is (mantissas (S,), exponent): the counts are mantissas · 2^exponent, so that
        long strings do not overflow.
        """
        table = self._tables.setdefault(
            class_index, [((self.classes == class_index).astype(np.float64), 0)]
        )
        while len(table) <= length:
            mantissas, exponent = table[-1]
            mantissas = mantissas[self.transitions].sum(axis=1)
            shift = int(np.frexp(mantissas.max())[1]) - 53
            if shift > 0:
                mantissas, exponent = np.ldexp(mantissas, -shift), exponent + shift
            table.append((mantissas, exponent))
        return table
