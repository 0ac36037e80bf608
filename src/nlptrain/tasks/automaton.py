"""Deterministic finite automata that count, draw and list the strings of a class at one length.

A task says what it means as an automaton; everything exact about sampling follows from it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Letters = NDArray[np.uint16]
"""Strings of one length, as indices into the alphabet: (N, T)."""

Scaled = tuple[NDArray[np.float64], int]
"""Counts too large for a float, by state: mantissas (S,) and one exponent of two."""


@dataclass(frozen=True, eq=False)
class LetterGroups:
    """Letters that lead from every state to the same next state: interchangeable.

    Attributes:
        transitions: Next state by state and group: (S, G).
        sizes: Letters in each group: (G,).
        letters: The letters, group after group: (A,).
        starts: Where each group starts in `letters`: (G,).
    """

    transitions: NDArray[np.int64]
    sizes: NDArray[np.int64]
    letters: NDArray[np.uint16]
    starts: NDArray[np.int64]


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

    def count(self, length: int, class_index: int) -> int:
        """Count the class's strings of a length; exact up to 2⁵³, correct to 15 digits above."""
        mantissas, exponent = self._counts(length, class_index)[length]
        numerator, denominator = float(mantissas[self.start]).as_integer_ratio()
        return (numerator << exponent) // denominator

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
        groups = self._groups
        group_chances, letter_chances = generator.random((2, length, size))
        letters = np.empty((size, length), np.uint16)
        states = np.full(size, self.start)
        for position in range(length):
            completions = counts[length - position - 1][0][groups.transitions] * groups.sizes
            cumulative = completions.cumsum(axis=1)[states]
            chance = group_chances[position] * cumulative[:, -1]
            # A group without completions has no width in the sum, so it is never chosen.
            group = (chance[:, None] >= cumulative).sum(axis=1)
            member = (letter_chances[position] * groups.sizes[group]).astype(np.int64)
            letters[:, position] = groups.letters[groups.starts[group] + member]
            states = groups.transitions[states, group]
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
        listed: Letters = letters[self.classes[states] == class_index]
        return listed

    def classify(self, letters: Letters) -> NDArray[np.int64]:
        """Tell the class index of each string: (N, T) → (N,)."""
        states = np.full(len(letters), self.start)
        for position in range(letters.shape[1]):
            states = self.transitions[states, letters[:, position]]
        classes: NDArray[np.int64] = self.classes[states]
        return classes

    @cached_property
    def _groups(self) -> LetterGroups:
        transitions, group, sizes = np.unique(
            self.transitions, axis=1, return_inverse=True, return_counts=True
        )
        letters = group.reshape(-1).argsort(kind="stable").astype(np.uint16)
        return LetterGroups(transitions, sizes, letters, sizes.cumsum() - sizes)

    @cached_property
    def _tables(self) -> dict[int, list[Scaled]]:
        return {}

    def _counts(self, length: int, class_index: int) -> list[Scaled]:
        """Count the ways to end in the class, by letters left and state.

        The counts are scaled at each step, so that long strings do not overflow.
        """
        if class_index not in self._tables:
            # One class at a time: with a class for each position all tables would fill gigabytes.
            self._tables.clear()
            self._tables[class_index] = [((self.classes == class_index).astype(np.float64), 0)]
        table = self._tables[class_index]
        while len(table) <= length:
            mantissas, exponent = table[-1]
            mantissas = mantissas[self._groups.transitions] @ self._groups.sizes.astype(np.float64)
            shift = int(np.frexp(mantissas.max())[1]) - 53
            if shift > 0:
                mantissas, exponent = np.ldexp(mantissas, -shift), exponent + shift
            table.append((mantissas, exponent))
        return table
