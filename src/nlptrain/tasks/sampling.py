"""A task's strings: length first, then class, then a string uniform over that class and length.

So a string's length tells nothing about its class, and no string is in two splits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import DataError
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.distinct import ENUMERATE_BELOW, draw_distinct
from nlptrain.tasks.language import Language
from nlptrain.tasks.quotas import Counts, balanced_room, share_out

STREAM = 0x7A5C
"""Keeps the sample's random numbers apart from others drawn with the same seed."""

MAX_LISTED = 10
"""Lengths that a note lists one by one."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One split's strings, shuffled.

    Attributes:
        texts: N distinct strings.
        classes: Class index of each: (N,).
    """

    texts: list[str]
    classes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TaskSample:
    """All splits of a task, with no string in two of them.

    Attributes:
        splits: The sample of each split, by name.
        notes: What the user should know: lengths left out, lengths with few strings.
    """

    splits: dict[str, Sample]
    notes: tuple[str, ...]


def sample_task(task: Language, sizes: Mapping[str, int], seed: int) -> TaskSample:
    """Draw the splits of a task: distinct strings, classes balanced at every length.

    Args:
        task: The language.
        sizes: Strings of each split, by name.
        seed: Decides everything that is drawn.

    Raises:
        DataError: The task has too few strings for the sizes.
    """
    generator = np.random.default_rng([seed, STREAM])
    size = sum(sizes.values())
    automaton = task.automaton()
    lengths = np.arange(task.lengths[0], task.lengths[1] + 1)
    counts = _count_strings(automaton, lengths, len(task.labels()), ENUMERATE_BELOW * size)
    usable = (counts > 0).sum(axis=1) > 1
    notes = _note_left_out(lengths[~usable], counts[~usable] > 0, task.labels())
    lengths, counts = lengths[usable], counts[usable]
    _check_enough(task, counts, size)
    quotas = share_out(counts, list(sizes.values()), generator)
    notes += _note_few(lengths, counts, quotas.sum(axis=0))
    texts = _draw(task.alphabet, automaton, lengths, quotas, generator)
    samples = [_shuffle(*split, generator) for split in zip(texts, quotas.sum(axis=1), strict=True)]
    return TaskSample(dict(zip(sizes, samples, strict=True)), tuple(notes))


def _count_strings(
    automaton: Automaton, lengths: NDArray[np.int64], num_classes: int, most: int
) -> Counts:
    """Count the strings by length and class, none above the most that matters: (L, C)."""
    counts = np.empty((len(lengths), num_classes), np.int64)
    for class_index in range(num_classes):
        for row, length in enumerate(lengths.tolist()):
            counts[row, class_index] = min(most, automaton.count(length, class_index))
    return counts


def _check_enough(task: Language, counts: Counts, size: int) -> None:
    """Refuse sizes for which the task has too few strings."""
    shortest, longest = task.lengths
    if not len(counts):
        raise DataError(
            f"data.task: no length from {shortest} to {longest} has strings of two classes; "
            "change data.task.lengths"
        )
    available = int((balanced_room(counts) * (counts > 0).sum(axis=1)).sum())
    if available < size:
        raise DataError(
            f"data.sizes: {size:,} distinct strings are asked for, but data.task has {available:,} "
            f"of length {shortest} to {longest} that keep the classes balanced at each length; "
            "make data.sizes smaller, data.task.lengths longer or data.task.alphabet larger"
        )


def _note_left_out(
    lengths: NDArray[np.int64], possible: NDArray[np.bool_], labels: Sequence[str]
) -> list[str]:
    """Say which lengths are left out, and why."""
    reasons: dict[str, list[int]] = {}
    for length, classes in zip(lengths.tolist(), possible, strict=True):
        only = [f"every string is {labels[index]!r}" for index in np.flatnonzero(classes).tolist()]
        reasons.setdefault(only[0] if only else "no string has a class", []).append(length)
    return [f"Left out, length {_list(found)}: {reason}." for reason, found in reasons.items()]


def _note_few(lengths: NDArray[np.int64], counts: Counts, placed: Counts) -> list[str]:
    """Say which lengths have too few strings for an even share, and what the others give."""
    width = (counts > 0).sum(axis=1)
    strings = placed.sum(axis=1)
    is_few = (strings >= balanced_room(counts) * width) & (strings + width <= strings.max())
    if not is_few.any():
        return []
    given = zip(lengths[is_few].tolist(), strings[is_few].tolist(), strict=True)
    return [
        "Few strings, all taken that keep the classes balanced: "
        + _list(f"{number:,} of length {length}" for length, number in given)
        + f"; the other lengths give {strings[~is_few].min():,} or more each."
    ]


def _list(entries: Iterable[object]) -> str:
    shown = [str(entry) for entry in entries]
    more = [f"and {len(shown) - MAX_LISTED} more"] if len(shown) > MAX_LISTED else []
    return ", ".join(shown[:MAX_LISTED] + more)


def _draw(
    alphabet: str,
    automaton: Automaton,
    lengths: NDArray[np.int64],
    quotas: Counts,
    generator: np.random.Generator,
) -> list[list[str]]:
    """Draw the strings of all splits: class after class, and length after length in it."""
    texts: list[list[str]] = [[] for _ in quotas]
    for class_index in range(quotas.shape[2]):
        for row, length in enumerate(lengths.tolist()):
            sizes = quotas[:, row, class_index]
            drawn = iter(
                draw_distinct(automaton, alphabet, length, class_index, int(sizes.sum()), generator)
            )
            for split, size in enumerate(sizes.tolist()):
                texts[split] += islice(drawn, size)
    return texts


def _shuffle(texts: list[str], class_sizes: Counts, generator: np.random.Generator) -> Sample:
    """Shuffle a split's strings, which stand class after class."""
    order = generator.permutation(len(texts))
    classes = np.repeat(np.arange(len(class_sizes)), class_sizes)
    return Sample([texts[index] for index in order], classes[order])
