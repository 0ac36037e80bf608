"""Deterministic finite automata that count, draw and list the strings of a kind at one length.

A task is defined by its automaton, and all exactness of the sampling follows from it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.letter_table import GUIDE_BITS, LetterTable
from nlptrain.tasks.wide import Wide

Letters = NDArray[np.unsignedinteger]
"""Strings of one length, as indices into the alphabet: (N, T)."""

TABLE_NUMBERS = 2**22
"""Numbers that tables of completions may hold before they are discarded."""

ROWS_AT_ONCE = 2**15
"""Strings drawn side by side, so that their states stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Automaton:
    """A complete automaton; each state has the kind of the strings that end there.

    A kind is a class, or a part of one where a task wants its parts equally frequent.

    Attributes:
        transitions: Next state by state and letter: (S, A).
        classes: Kind of each state, −1 for none: (S,).
        start: The first state.
    """

    transitions: NDArray[np.int64]
    classes: NDArray[np.int64]
    start: int = 0

    def equals(self, other: "Automaton") -> bool:
        """Return whether start, transitions and kinds are the same."""
        return (
            self.start == other.start
            and np.array_equal(self.transitions, other.transitions)
            and np.array_equal(self.classes, other.classes)
        )

    def count(self, length: int, kind: int) -> int:
        """Count a kind's strings of a length; exact below 2⁵³, accurate to 15 digits above."""
        counts = self._count_kinds(length)
        return counts.take(np.array(kind)).to_int() if kind < len(counts.mantissas) else 0

    def counts(self, lengths: NDArray[np.int64], num_kinds: int, most: int) -> NDArray[np.int64]:
        """Count the strings of all kinds at once.

        Args:
            lengths: Characters: (L,).
            num_kinds: K, the number of kinds.
            most: Higher counts are clipped to this.

        Returns:
            Strings by length and kind: (L, K).
        """
        counts = np.zeros((len(lengths), num_kinds), np.int64)
        for row, length in enumerate(lengths.tolist()):
            found = self._count_kinds(length).clip(most)[:num_kinds]
            counts[row, : len(found)] = found
        return counts

    def draw(
        self,
        lengths: NDArray[np.int64],
        sizes: NDArray[np.int64],
        kind: int,
        generator: np.random.Generator,
    ) -> list[Letters]:
        """Draw strings of each length, uniformly among the kind's strings of that length.

        At each position a letter's probability is the share of completions that it leaves open.
        Strings are drawn with replacement.

        Args:
            lengths: Ascending lengths: (L,).
            sizes: Number of strings of each: (L,).
            kind: The kind.
            generator: Source of randomness.

        Returns:
            The strings of each length.

        Raises:
            ValueError: The kind has no string of a length.
        """
        longest = int(lengths[-1])
        completions = self._completions(kind, longest)
        for length in lengths[sizes > 0].tolist():
            if completions[length].mantissas[self.start] == 0:
                raise ValueError(f"kind {kind} has no string of length {length}")
        is_many = int(sizes.sum()) >= len(self.classes) << GUIDE_BITS
        tables = [self._letter_table(kind, left, is_many) for left in range(longest)]
        # The longest first, all ending in the last row: at each position, the strings that have
        # begun come first.
        rows = np.repeat(lengths[::-1], sizes[::-1])
        letters = np.empty((longest, len(rows)), self._letter_type)
        for first in range(0, len(rows), ROWS_AT_ONCE):
            part = slice(first, first + ROWS_AT_ONCE)
            self._walk_back(letters[:, part], rows[part], tables, generator)
        ends = sizes[::-1].cumsum()[::-1].tolist()
        places = zip(lengths.tolist(), sizes.tolist(), ends, strict=True)
        return [letters[longest - length :, end - size : end].T for length, size, end in places]

    def enumerate(self, length: int, kind: int) -> Letters:
        """List all of the kind's strings of a length, in alphabetical order: (count, length)."""
        completions = self._completions(kind, length)
        letters = np.empty((length, 1), self._letter_type)
        states = np.array([self.start])
        for position in range(length):
            is_open = (completions[length - position - 1].mantissas > 0)[self.transitions]
            row, letter = np.divmod(np.flatnonzero(is_open[states]), is_open.shape[1])
            letters = letters[:, row]
            letters[position] = letter
            states = self.transitions[states[row], letter]
        listed: Letters = letters.T[self.classes[states] == kind]
        return listed

    def classify(self, letters: Letters) -> NDArray[np.int64]:
        """Return the kind of each string: (N, T) → (N,)."""
        kinds: NDArray[np.int64] = self.classes[self.walk(letters)[-1]]
        return kinds

    def walk(self, letters: Letters) -> NDArray[np.int64]:
        """Return the state before each letter and after the last: (N, T) → (T + 1, N)."""
        states = np.empty((letters.shape[1] + 1, len(letters)), np.int64)
        states[0] = self.start
        for position in range(letters.shape[1]):
            states[position + 1] = self.transitions[states[position], letters[:, position]]
        return states

    @property
    def _letter_type(self) -> type[np.unsignedinteger]:
        return np.uint8 if self.transitions.shape[1] < 2**8 else np.uint16

    @cached_property
    def _groups(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Next state by state and group (S, G), and letters in each group (G,).

        The letters of a group lead from every state to the same next one.
        """
        return np.unique(self.transitions, axis=1, return_counts=True)

    @cached_property
    def _prefixes(self) -> list[Wide]:
        """Ways to reach each state, (S,), by letters read."""
        return [Wide.of(np.arange(len(self.classes)) == self.start)]

    def _count_kinds(self, length: int) -> Wide:
        (transitions, sizes), table = self._groups, self._prefixes
        states, size = transitions.reshape(-1), len(self.classes)
        origins = np.repeat(np.arange(size), len(sizes))
        while len(table) <= length:
            ways = table[-1].take(origins).times(np.tile(sizes, size))
            table.append(ways.sum_by(states, size))
        # States without a kind have −1, which comes first and is dropped.
        kinds = table[length].sum_by(self.classes + 1, int(self.classes.max()) + 2)
        return kinds.take(np.arange(1, len(kinds.mantissas)))

    @cached_property
    def _tables(self) -> dict[int, list[Wide]]:
        """Completions of each kind, by letters left and state."""
        return {}

    @cached_property
    def _ends(self) -> dict[tuple[int, int], NDArray[np.int64]]:
        """Ends of the letters' intervals, by kind and letters left."""
        return {}

    def _completions(self, kind: int, length: int) -> list[Wide]:
        """Count the ways to end in the kind, by letters left and state."""
        if kind not in self._tables:
            # With one kind per position, all tables together would fill gigabytes.
            numbers = (len(self._tables) + 1) * (length + 1) * self.transitions.size
            if numbers > TABLE_NUMBERS:
                self._tables.clear()
                self._ends.clear()
            self._tables[kind] = [Wide.of(self.classes == kind)]
        table, (transitions, sizes) = self._tables[kind], self._groups
        while len(table) <= length:
            table.append(table[-1].take(transitions).times(sizes).sum())
        return table

    @property
    def _bits(self) -> int:
        """Bits of a letter's probability, beside those of the state in one integer."""
        return 62 - len(self.classes).bit_length()

    def _letter_table(self, kind: int, left: int, is_many: bool) -> LetterTable:
        """Assign each letter of each state its interval of integers.

        The string will end in the kind, `left` letters after this one. With many letters to look
        up, a guide is worth its cost.
        """
        if (kind, left) not in self._ends:
            self._ends[kind, left] = self._find_ends(self._tables[kind][left])
        return LetterTable.build(self._ends[kind, left], self._bits, self._next, is_many)

    def _find_ends(self, completions: Wide) -> NDArray[np.int64]:
        """Find where each letter's interval ends: (S · A,), ascending.

        State s has the integers from s · 2ᵇ on; a letter without completions has none.
        """
        ends = completions.take(self.transitions).aligned().cumsum(axis=1)
        total = np.maximum(ends[:, -1:], np.finfo(np.float64).tiny)
        whole = (ends / total * 2.0**self._bits).astype(np.int64)
        whole += np.arange(len(whole))[:, None] << self._bits
        ends_in_order: NDArray[np.int64] = whole.reshape(-1)
        return ends_in_order

    @cached_property
    def _next(self) -> tuple[NDArray[np.int64], Letters]:
        """The next state's row and the letter, by index in a letter table: (S · A,) each."""
        num_states, num_letters = self.transitions.shape
        letters = np.tile(np.arange(num_letters, dtype=self._letter_type), num_states)
        return self.transitions.reshape(-1) << GUIDE_BITS, letters

    def _walk_back(
        self,
        letters: Letters,
        lengths: NDArray[np.int64],
        tables: list[LetterTable],
        generator: np.random.Generator,
    ) -> None:
        """Fill in all strings together, letter by letter: (T, N)."""
        states = np.full(len(lengths), self.start << GUIDE_BITS)
        scratch = np.empty(len(lengths), np.int64)
        active = np.searchsorted(-lengths, -np.arange(len(tables) + 1), side="right")
        for left in range(len(tables), 0, -1):
            now = slice(0, active[left])
            tables[left - 1].advance(states[now], letters[-left, now], scratch[now], generator)
