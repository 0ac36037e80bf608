"""The parts of a regular expression → its minimal automaton, or a refusal before it explodes.

Positions of letters and what can follow each (Glushkov 1961), then sets of them as states (Rabin
and Scott 1959), then equivalent states merged (Moore 1956).
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.expression import Chain, Choice, Letter, Part, Repeat

MAX_POSITIONS = 2000
"""Letters of a pattern with its counted repetitions written out."""

MAX_STATES = 4096
"""States before minimization."""


class TooLargeError(ValueError):
    """An expression whose automaton is too large; the text says which limit it exceeds."""


@dataclass(frozen=True)
class _Fragment:
    """Whether a part may be empty; as bits, which positions can begin it and which can end it."""

    is_optional: bool
    first: int
    last: int


_EMPTY = _Fragment(True, 0, 0)


def _either(left: _Fragment, right: _Fragment) -> _Fragment:
    is_optional = left.is_optional or right.is_optional
    return _Fragment(is_optional, left.first | right.first, left.last | right.last)


class _Positions:
    """The letters of an expression, numbered from 0, and what can follow each.

    Sets of positions are integers, one bit per position.
    """

    def __init__(self) -> None:
        self.letters: list[frozenset[str]] = []
        self.follow: list[int] = []

    def add(self, part: Part) -> _Fragment:
        """Number a part's letters; a repeated part once for each repetition."""
        if isinstance(part, Letter):
            return self._add_letter(part)
        if isinstance(part, Chain):
            return reduce(self._join, map(self.add, part.parts), _EMPTY)
        if isinstance(part, Choice):
            return reduce(_either, map(self.add, part.parts))
        return self._repeat(part)

    def _repeat(self, part: Repeat) -> _Fragment:
        fragment = _EMPTY
        copies = max(part.fewest, 1) if part.most is None else part.most
        for copy in range(copies):
            added = self.add(part.part)
            if not added.first:
                return _Fragment(added.is_optional or part.fewest == 0, 0, 0)
            if copy == copies - 1 and part.most is None:
                self._link(added.last, added.first)
            is_optional = added.is_optional or copy >= part.fewest
            fragment = self._join(fragment, _Fragment(is_optional, added.first, added.last))
        return fragment

    def _add_letter(self, part: Letter) -> _Fragment:
        if len(self.letters) == MAX_POSITIONS:
            raise TooLargeError(
                f"with its repetitions written out, it has more than {MAX_POSITIONS:,} letters"
            )
        self.letters.append(part.letters)
        self.follow.append(0)
        bit = 1 << (len(self.letters) - 1)
        return _Fragment(False, bit, bit)

    def _join(self, left: _Fragment, right: _Fragment) -> _Fragment:
        self._link(left.last, right.first)
        return _Fragment(
            left.is_optional and right.is_optional,
            left.first | (right.first if left.is_optional else 0),
            right.last | (left.last if right.is_optional else 0),
        )

    def _link(self, before: int, after: int) -> None:
        for position in _bits(before):
            self.follow[position] |= after


def build_smallest(expression: Part, alphabet: str) -> Automaton:
    """Build the minimal complete automaton: class 1 for what the expression matches, else 0.

    Raises:
        TooLargeError: It would have too many letters or states.
    """
    positions = _Positions()
    fragment = positions.add(expression)
    transitions, is_match = _build_sets(positions, fragment, alphabet)
    return _minimize(transitions, is_match)


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found


def _build_sets(
    positions: _Positions, fragment: _Fragment, alphabet: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Build a state for each set of positions that a string can reach: (S, A) and (S,)."""
    takes = [
        sum(1 << place for place, letters in enumerate(positions.letters) if letter in letters)
        for letter in alphabet
    ]
    columns = list(dict.fromkeys(takes))
    # The state before the first letter is no set of positions: −1.
    numbers, sets = {-1: 0}, [-1]
    rows: list[list[int]] = []
    for state in sets:
        reachable = fragment.first if state == -1 else 0
        for position in _bits(state) if state >= 0 else ():
            reachable |= positions.follow[position]
        rows.append([numbers.setdefault(reachable & taken, len(numbers)) for taken in columns])
        sets.extend(list(numbers)[len(sets) :])
        if len(sets) > MAX_STATES:
            raise TooLargeError(f"its automaton needs more than {MAX_STATES:,} states")
    is_match = [
        fragment.is_optional if state == -1 else bool(state & fragment.last) for state in sets
    ]
    column_of = [columns.index(taken) for taken in takes]
    return np.array(rows)[:, column_of], np.array(is_match)


def _minimize(transitions: NDArray[np.int64], is_match: NDArray[np.bool_]) -> Automaton:
    """Merge the states that no continuation distinguishes."""
    merged = is_match.astype(np.int64)
    columns = np.unique(transitions, axis=1)
    number = 0
    while number < (number := int(merged.max()) + 1):
        rows = np.column_stack([merged, merged[columns]])
        merged = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
    _, representatives = np.unique(merged, return_index=True)
    return Automaton(
        merged[transitions[representatives]],
        is_match[representatives].astype(np.int64),
        start=int(merged[0]),
    )
