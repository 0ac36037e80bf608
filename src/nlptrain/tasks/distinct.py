"""Distinct strings of one class and length, each set of them equally likely."""

import numpy as np

from nlptrain.tasks.automaton import Automaton, Letters

ENUMERATE_BELOW = 4
"""List all strings and pick, where there are fewer than so many times the need."""


def draw_distinct(
    automaton: Automaton,
    alphabet: str,
    length: int,
    class_index: int,
    size: int,
    generator: np.random.Generator,
) -> list[str]:
    """Draw distinct strings of a class and length, in random order.

    Args:
        automaton: Tells the class of every string of the length.
        alphabet: The letters that the automaton counts.
        length: Characters of each string.
        class_index: The class.
        size: How many strings; no more than there are.
        generator: Decides which.
    """
    count = automaton.count(length, class_index)
    if count < ENUMERATE_BELOW * size:
        texts = _spell(automaton.enumerate(length, class_index), alphabet)
        return [texts[index] for index in generator.permutation(count)[:size]]
    distinct: dict[str, None] = {}
    while len(distinct) < size:
        # First come, first kept, and surplus cut at the end: as if repeats were drawn again.
        missing = size - len(distinct)
        letters = automaton.draw(length, class_index, missing + missing // 4 + 4, generator)
        distinct.update(dict.fromkeys(_spell(letters, alphabet)))
    return list(distinct)[:size]


def _spell(letters: Letters, alphabet: str) -> list[str]:
    """Turn indices into the alphabet into strings: (N, T) → N strings."""
    codes = np.array([ord(letter) for letter in alphabet], "<u4")
    joined = codes[letters].tobytes().decode("utf-32-le")
    length = letters.shape[1]
    return [joined[start : start + length] for start in range(0, len(joined), length)]
