"""A task's strings: length first, then class, then a string uniform over that class and length.

So a string's length reveals nothing about its class. No string is in two splits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import DataError
from nlptrain.tasks.automaton import Automaton, Letters
from nlptrain.tasks.distinct import ENUMERATE_BELOW, draw_distinct
from nlptrain.tasks.language import Language
from nlptrain.tasks.notes import check_enough, note_few, note_left_out, note_unmatched
from nlptrain.tasks.pairs import MOST_AT_ONCE, PairPool, find_pairs, split_pairs
from nlptrain.tasks.partners import Partners
from nlptrain.tasks.quotas import balanced_room, count_available, count_by_class, share_out, spread
from nlptrain.tasks.strings import NO_KEYS, Keys, interleave, keys_of, spell

STREAM = 0x7A5C
"""Separates the sample's random numbers from others drawn with the same seed."""

FRESH_STREAM = 0xF4E5
"""The same, for the strings of later epochs."""

Split = list[tuple[Letters, int]]
"""A split's strings, in blocks of one length and class, with the class."""


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
        notes: For the user: lengths left out, lengths with few strings.
    """

    splits: dict[str, Sample]
    notes: tuple[str, ...]


class Sampler:
    """Draws the strings of a task: distinct, classes balanced at every length.

    Args:
        task: The language.
        sizes: Strings of each split, by name; even if negatives are matched.
        seed: Determines all draws.
        automaton: The task's, if already built; its counts are reused.
    """

    def __init__(
        self,
        task: Language,
        sizes: Mapping[str, int],
        seed: int,
        automaton: Automaton | None = None,
    ) -> None:
        self._task = task
        self._sizes = sizes
        self._seed = seed
        self._automaton = automaton or task.automaton()
        self._class_of = np.array(task.kinds())
        self._excluded: Keys = NO_KEYS
        self.notes: list[str] = []
        lengths = np.arange(task.lengths[0], task.lengths[1] + 1)
        most = ENUMERATE_BELOW * max(len(self._class_of) * sum(sizes.values()), MOST_AT_ONCE)
        counts = self._automaton.counts(lengths, len(self._class_of), most)
        has_class = count_by_class(counts, self._class_of) > 0
        is_usable = has_class.sum(axis=1) > 1
        self.notes += note_left_out(lengths[~is_usable], has_class[~is_usable], task.labels())
        self._lengths, self._counts = lengths[is_usable], counts[is_usable]

    def splits(self) -> TaskSample:
        """Draw all splits; `fresh` will exclude all but the first.

        Raises:
            DataError: The task has too few strings for the sizes.
        """
        generator = np.random.default_rng([self._seed, STREAM])
        splits = self._draw(list(self._sizes.values()), generator)
        if len(splits) > 1:
            self._hold_out(splits[1:])
        samples = [self._finish(split, generator) for split in splits]
        return TaskSample(dict(zip(self._sizes, samples, strict=True)), tuple(self.notes))

    def fresh(self, epoch: int) -> Sample:
        """Draw a new first split, disjoint from the other splits."""
        generator = np.random.default_rng([self._seed, epoch, FRESH_STREAM])
        [size, *_] = self._sizes.values()
        available = count_available(count_by_class(self._counts, self._class_of))
        [split] = self._draw([min(size, available)], generator)
        return self._finish(split, generator, size)

    def _hold_out(self, splits: Sequence[Split]) -> None:
        """Exclude strings from all later draws, and lengths that thereby lose a class."""
        had = count_by_class(self._counts, self._class_of) > 0
        blocks = [letters for split in splits for letters, _ in split]
        self._excluded = np.sort(np.concatenate([keys_of(letters) for letters in blocks]))
        for letters in blocks:
            row = letters.shape[1] == self._lengths
            kinds = self._automaton.classify(letters)
            self._counts[row] -= np.bincount(kinds, minlength=self._counts.shape[1])
        has = count_by_class(self._counts, self._class_of) > 0
        is_whole = (has == had).all(axis=1)
        stays = is_whole if is_whole.any() else has.any(axis=1)
        self._lengths, self._counts = self._lengths[stays], self._counts[stays]

    def _draw(self, sizes: Sequence[int], generator: np.random.Generator) -> list[Split]:
        if not len(self._lengths):
            shortest, longest = self._task.lengths
            raise DataError(
                f"data.task: no length from {shortest} to {longest} has strings of two classes; "
                "change data.task.lengths"
            )
        if self._task.negatives == "uniform":
            return self._draw_uniform(sizes, generator)
        return self._draw_pairs(sizes, generator)

    def _draw_uniform(self, sizes: Sequence[int], generator: np.random.Generator) -> list[Split]:
        by_class = count_by_class(self._counts, self._class_of)
        available = count_available(by_class)
        check_enough(self._task.lengths, self._task.negatives, available, sum(sizes))
        quotas = share_out(by_class, sizes, generator)
        if not len(self._excluded):
            self.notes += note_few(self._lengths, by_class, quotas.sum(axis=0))
        splits: list[Split] = [[] for _ in sizes]
        for class_index in range(by_class.shape[1]):
            of_class = quotas[:, :, class_index]
            blocks = self._draw_class(class_index, of_class.sum(axis=0), generator)
            for letters, ends in zip(blocks, of_class.cumsum(axis=0).T, strict=True):
                for split, part in zip(splits, np.split(letters, ends), strict=False):
                    split.append((part, class_index))
        return splits

    def _draw_class(
        self, class_index: int, sizes: NDArray[np.int64], generator: np.random.Generator
    ) -> list[Letters]:
        """Draw strings of a class, one block per length, its kinds taking turns."""
        kinds = np.flatnonzero(self._class_of == class_index)
        shares = spread(sizes, self._counts[:, kinds] > 0, generator)
        drawn = [
            draw_distinct(
                self._automaton,
                kind,
                self._lengths,
                shares[:, place],
                self._counts[:, kind],
                generator,
                self._excluded,
            )
            for place, kind in enumerate(kinds.tolist())
        ]
        if len(drawn) == 1:
            return drawn[0]
        return [self._take_turns(blocks, generator) for blocks in zip(*drawn, strict=True)]

    def _take_turns(self, blocks: Sequence[Letters], generator: np.random.Generator) -> Letters:
        """Merge the kinds' strings of one length so that every stretch has equally many of each."""
        rank = np.concatenate([np.arange(len(block)) for block in blocks])
        merged: Letters = np.concatenate(blocks)[np.lexsort([generator.random(len(rank)), rank])]
        return merged

    def _draw_pairs(self, sizes: Sequence[int], generator: np.random.Generator) -> list[Split]:
        """Draw the first class, and a match for each of its strings."""
        if odd := [size for size in sizes if size % 2]:
            raise DataError(
                f"data.sizes: {odd[0]:,} is odd, but with data.task.negatives: "
                f"{self._task.negatives} strings come in pairs; use even sizes"
            )
        pools = self._build_pools()
        room = balanced_room(count_by_class(self._counts, self._class_of))
        found = find_pairs(pools, sum(sizes) // 2, room, generator)
        available = 2 * int(found.sum())
        check_enough(self._task.lengths, self._task.negatives, available, sum(sizes))
        quotas = share_out(found[:, None], [size // 2 for size in sizes], generator)[:, :, 0]
        if not len(self._excluded):
            self.notes += note_unmatched(self._lengths, found, self._task.negatives)
        return split_pairs(pools, quotas, generator)

    def _build_pools(self) -> list[PairPool]:
        task = self._task
        k = getattr(task, "kgram_size", 2)
        partners = Partners(self._automaton, self._class_of == 0, task.negatives, k)
        first_kinds = np.flatnonzero(self._class_of == 1)
        pools = []
        for row, length in enumerate(self._lengths.tolist()):
            kinds = first_kinds[self._counts[row, first_kinds] > 0]
            counts = self._counts[row, kinds].tolist()
            pools.append(
                PairPool(self._automaton, length, kinds.tolist(), counts, partners, self._excluded)
            )
        return pools

    def _finish(
        self, split: Split, generator: np.random.Generator, size: int | None = None
    ) -> Sample:
        """Spell a split's strings and shuffle them; if there are too few, repeat some."""
        blocks = [letters for letters, _ in split]
        order = interleave(blocks, generator)
        texts = spell(blocks, order, self._task.letters)
        classes = np.array([class_index for _, class_index in split])[order]
        if size is not None and size > len(texts):
            return Sample(list(islice(cycle(texts), size)), np.resize(classes, size))
        return Sample(texts, classes)


def sample_task(
    task: Language, sizes: Mapping[str, int], seed: int, automaton: Automaton | None = None
) -> TaskSample:
    """Draw the splits of a task; arguments as in `Sampler`.

    Raises:
        DataError: The task has too few strings for the sizes.
    """
    return Sampler(task, sizes, seed, automaton).splits()
