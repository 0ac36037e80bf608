"""A match in the other class for each string: one letter changed, letters or k-grams rearranged.

K-grams are rearranged by the swaps of Ukkonen (1992) and Pevzner (1995), which connect all strings
with the same k-grams and ends.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nlptrain.tasks.automaton import Automaton, Letters

Mask = NDArray[np.bool_]

PERMUTATIONS = 60
"""Attempts at rearranging a string's letters."""

SWAPS = 60
"""Swaps of two stretches tried on a string, one after another."""

STUCK_AFTER = 20
"""Attempts after which a string that no swap has changed is given up."""

CELLS_AT_ONCE = 2**23
"""Numbers in memory at once while all changes of one letter are checked."""


class Partners:
    """Finds a match in the other class for each string.

    Args:
        automaton: Determines the kind of every string.
        is_wanted: Which kinds belong to the other class: (K,).
        negatives: near, bag or kgram.
        k: Letters of a k-gram.
    """

    def __init__(self, automaton: Automaton, is_wanted: Mask, negatives: str, k: int) -> None:
        self._automaton = automaton
        # The last entry is for −1, no kind.
        self._is_wanted = np.append(is_wanted, False)
        self._k = k
        methods: dict[str, Callable[[Letters, np.random.Generator], tuple[Letters, Mask]]]
        methods = {"near": self._change, "bag": self._permute, "kgram": self._swap}
        self._find = methods[negatives]

    def find(self, letters: Letters, generator: np.random.Generator) -> tuple[Letters, Mask]:
        """Find a match of each string.

        Args:
            letters: Strings of one length, (N, T).
            generator: Source of randomness.

        Returns:
            Matches, (N, T), and whether each was found, (N,).
        """
        return self._find(letters, generator)

    def _wanted(self, letters: Letters) -> Mask:
        wanted: Mask = self._is_wanted[self._automaton.classify(letters)]
        return wanted

    def _change(self, letters: Letters, generator: np.random.Generator) -> tuple[Letters, Mask]:
        """Change one letter; all changes that lead to the other class are equally likely."""
        found, is_found = letters.copy(), np.zeros(len(letters), bool)
        num_states, num_letters = self._automaton.transitions.shape
        width = max(num_states, letters.shape[1] * num_letters)
        rows_at_once = max(1, CELLS_AT_ONCE // width)
        for first in range(0, len(letters), rows_at_once):
            rows = slice(first, first + rows_at_once)
            changes = self._changes(letters[rows])
            number = np.count_nonzero(changes, axis=1)
            row = np.flatnonzero(number)
            rank = (generator.random(len(row)) * number[row]).astype(np.int64)
            starts = number.cumsum() - number
            place = np.flatnonzero(changes)[starts[row] + rank] % changes.shape[1]
            found[first + row, place // num_letters] = place % num_letters
            is_found[first + row] = True
        return found, is_found

    def _changes(self, letters: Letters) -> Mask:
        """Mark the changes of one letter that lead to the other class: (N, T · A).

        The letters before a position lead to a state; those after it map each state to whether it
        leads to the other class. That map is built from the end.
        """
        transitions = self._automaton.transitions
        before = self._automaton.walk(letters)
        size, length = letters.shape
        rows = np.arange(size)[:, None]
        wanted = np.tile(self._is_wanted[self._automaton.classes], (size, 1))
        changes = np.empty((size, length, transitions.shape[1]), bool)
        for position in range(length - 1, -1, -1):
            changes[:, position] = wanted[rows, transitions[before[position]]]
            wanted = wanted[rows, transitions[:, letters[:, position]].T]
        return changes.reshape(size, -1)

    def _permute(self, letters: Letters, generator: np.random.Generator) -> tuple[Letters, Mask]:
        """Shuffle a string's letters until it is of the other class."""
        found, is_found = letters.copy(), np.zeros(len(letters), bool)
        for _ in range(PERMUTATIONS):
            row = np.flatnonzero(~is_found)
            if not len(row):
                break
            found[row] = generator.permuted(letters[row], axis=1)
            is_found[row] = self._wanted(found[row])
        return found, is_found

    def _swap(self, letters: Letters, generator: np.random.Generator) -> tuple[Letters, Mask]:
        """Swap stretches between equal (k − 1)-grams until a string is of the other class."""
        found, is_found = letters.copy(), np.zeros(len(letters), bool)
        if letters.shape[1] <= self._k:
            return found, is_found
        row, swapped, moved = np.arange(len(letters)), letters, np.zeros(len(letters), bool)
        nodes = number_grams(letters, self._k - 1)
        for swap in range(SWAPS):
            order = swapped_order(nodes, generator)
            moved |= (order != np.arange(nodes.shape[1])).any(axis=1)
            nodes = np.take_along_axis(nodes, order, axis=1)
            tails = np.take_along_axis(swapped[:, self._k - 2 :], order, axis=1)
            swapped = np.hstack([swapped[:, : self._k - 2], tails])
            is_wanted = self._wanted(swapped)
            found[row[is_wanted]] = swapped[is_wanted]
            is_found[row[is_wanted]] = True
            # A string that no swap has moved by now will hardly ever move.
            goes_on = ~is_wanted if swap < STUCK_AFTER else ~is_wanted & moved
            row, swapped = row[goes_on], swapped[goes_on]
            nodes, moved = nodes[goes_on], moved[goes_on]
        return found, is_found


def number_grams(letters: Letters, size: int) -> NDArray[np.uint64]:
    """Number the grams at each position: (N, T) → (N, T − size + 1)."""
    windows = np.lib.stride_tricks.sliding_window_view(letters, size, axis=1)
    # Nine letters of a large alphabet exceed 64 bits; collisions within one string do not happen.
    factors = np.uint64(0x9E3779B97F4A7C15) ** np.arange(size, dtype=np.uint64)
    numbers: NDArray[np.uint64] = (windows * factors).sum(axis=2, dtype=np.uint64)
    return numbers


def swapped_order(nodes: NDArray[np.uint64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Swap two stretches of each string, where possible, so that k-grams and ends stay the same.

    The (k − 1)-grams of a string are the nodes of a walk, its k-grams the edges. Where nodes
    i < j ≤ k < l of the walk are equal in pairs, i to k and j to l, the paths i → j and k → l can
    be exchanged.

    Args:
        nodes: The (k − 1)-grams by number: (N, M).
        generator: Source of randomness.

    Returns:
        The nodes in the order of the new walk: (N, M).
    """
    size, num_nodes = nodes.shape
    places, rows = np.arange(num_nodes), np.arange(size)
    i = generator.integers(0, num_nodes - 1, size)
    is_third = (nodes == nodes[rows, i, None]) & (places > i[:, None]) & (places < num_nodes - 1)
    third, has_third = _choose(is_third, generator)
    reach = generator.random(size) * (num_nodes - 1 - third)
    fourth = third + 1 + reach.astype(np.int64)
    is_second = nodes == nodes[rows, fourth, None]
    is_second &= (places > i[:, None]) & (places <= third[:, None])
    second, has_second = _choose(is_second, generator)
    order = _swapped_order(num_nodes, i, second, third, fourth)
    return np.where((has_third & has_second)[:, None], order, places)


def _choose(options: Mask, generator: np.random.Generator) -> tuple[NDArray[np.int64], Mask]:
    """Choose one of the marked positions in each row: (N, M) → (N,), and whether there is one."""
    number = np.count_nonzero(options, axis=1)
    has_one = number > 0
    chosen = np.zeros(len(options), np.int64)
    rank = (generator.random(len(options)) * number).astype(np.int64)
    starts = number.cumsum() - number
    marked = np.flatnonzero(options)
    chosen[has_one] = marked[(starts + rank)[has_one]] % options.shape[1]
    return chosen, has_one


def _swapped_order(
    num_nodes: int,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    third: NDArray[np.int64],
    fourth: NDArray[np.int64],
) -> NDArray[np.int64]:
    """List the nodes with the paths first → second and third → fourth exchanged: (N, M)."""
    i, j, k, l = (place[:, None] for place in (first, second, third, fourth))  # noqa: E741
    t = np.arange(num_nodes)
    middle, late = i + l - k, i + l - j
    return np.select(
        [t <= i, t <= middle, t <= late, t <= l],
        [t, t - i + k, t - middle + j, t - late + i],
        t,
    )
