"""A file too large to be kept → a dataset whose training strings are read anew in each epoch.

One pass counts what must be known beforehand and keeps the strings of validation and test, which
are those of the smallest and of the greatest hashes: so no string is in two splits.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlptrain.config.data import DataSection, SplitFractions
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import count, list_first
from nlptrain.datasets.distinct_strings import Indices
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.datasets.held_out_strings import LabelledStrings
from nlptrain.datasets.label_rules import check_left_out
from nlptrain.datasets.labelled_rows import NO_ROWS, check_bad_rows
from nlptrain.datasets.shard_windows import WindowReader
from nlptrain.datasets.stream_survey import Survey
from nlptrain.errors import DataError
from nlptrain.text.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class StreamedStrings:
    """Training strings that are not kept.

    Attributes:
        reader: Reads them, among those of the other splits.
        classes: Class index of each label by its number; -1: the label is left out.
        bounds: Their hashes: the smallest, and the first that is too great.
        class_sizes: How many there are of each class in an epoch: (C,).
        vocabulary: Their characters.
        has_rare_characters: Whether they have others, each in too few strings.
        digest: Of all strings and labels.
    """

    reader: WindowReader
    classes: Indices
    bounds: tuple[int, int]
    class_sizes: Indices
    vocabulary: Vocabulary
    has_rare_characters: bool
    digest: bytes

    def __len__(self) -> int:
        """Count the strings of an epoch."""
        return int(self.class_sizes.sum())

    @property
    def window(self) -> int:
        """How many strings are to be shuffled together."""
        return self.reader.size

    @property
    def num_shards(self) -> int:
        """How many shards there are to read, in any order."""
        return len(self.reader.shards.parts)

    def read(self, order: Sequence[int]) -> Iterator[Examples]:
        """Read the training strings of shards, one window after the other.

        Args:
            order: The shards by their place, in the order in which to read them.

        Raises:
            DataError: A shard cannot be read, or has changed since they were counted.
        """
        return self.check_sizes(each for place in order for each in self.read_shard(place))

    def read_shard(self, place: int) -> Iterator[Examples]:
        """Read the training strings of the shard at a place, one window after the other.

        Raises:
            DataError: It cannot be read.
        """
        low, high = self.bounds
        for window in self.reader.read(self.reader.shards.parts[place]):
            classes = take_classes(self.classes, window.labels)
            is_mine = (window.hashes >= np.uint64(low)) & (window.hashes <= np.uint64(high - 1))
            is_mine &= classes >= 0
            yield Examples(window.texts.keep(is_mine), classes[is_mine])

    def check_sizes(self, windows: Iterable[Examples]) -> Iterator[Examples]:
        """Pass on the windows of an epoch, and check at its end that they are all.

        Raises:
            DataError: A shard has changed since they were counted.
        """
        seen = 0
        for examples in windows:
            seen += len(examples)
            yield examples
        if seen != len(self):
            raise DataError(
                f"{self.reader.file.path}: {seen:,} training strings, but {len(self):,} when they "
                "were counted: a shard has changed; train anew"
            )


def take_classes(classes: Indices, labels: Indices) -> Indices:
    """Look up the class of each label by number; -1 for labels that are left out or new."""
    found = np.full(int(labels.max(initial=-1)) + 1, -1, np.int64)
    found[: len(classes)] = classes[: len(found)]
    return found[labels]


def build_streamed_dataset(data: DataSection, text: TextSection, *, seed: int) -> Dataset:
    """Go over a file once, and build the dataset that reads it again in each epoch.

    Args:
        data: The file, the shares of the splits, and the window.
        text: How strings are normalized, and which are the same.
        seed: Decides which strings are in which split.

    Raises:
        DataError: The file cannot be read, has bad rows, or cannot give two classes in three
            splits.
    """
    file = data.file
    assert file is not None  # noqa: S101 - the config has one, where it streams
    reader = WindowReader(file, text, data.stream_window, seed)
    survey = Survey(reader, data.stream_held_out, text.min_count)
    survey.run()
    notes = [*reader.shards.notes, *reader.notes, *_settle_bad_rows(reader)]
    labels, classes = _choose_labels(survey, notes)
    fractions = data.split or SplitFractions()
    held = survey.split(data.stream_held_out, fractions.test, fractions.validation)
    stream = StreamedStrings(
        reader,
        classes,
        held.bounds,
        _class_sizes(survey, classes, [held.validation, held.test], len(labels)),
        survey.characters.build_vocabulary(),
        survey.characters.some_are_rare,
        survey.digest,
    )
    splits = {name: _take(getattr(held, name), classes) for name in ("validation", "test")}
    splits["train"] = _take(held.train, classes, data.stream_held_out)
    dataset = Dataset(
        splits["train"],
        splits["validation"],
        splits["test"],
        labels,
        notes=(*notes, *_describe(survey, stream, splits)),
        counts={"rows": int(survey.row_labels.sum()) + reader.bad.number},
        columns=_columns_of(reader),
        stream=stream,
    )
    _check_splits(dataset, stream)
    return dataset


def _settle_bad_rows(reader: WindowReader) -> Iterator[str]:
    """Stop at bad rows, or say how many there are."""
    bad = reader.bad
    if reader.file.bad_rows == "error":
        check_bad_rows([(reader.file.path, bad)])
    if bad.number:
        yield f"{count(bad.number, 'bad row')} skipped; the first: {bad.listed[0]}"
    if bad.fault is not None:
        yield f"{reader.file.path}: {bad.fault}"


def _columns_of(reader: WindowReader) -> tuple[int | str, int | str]:
    first = reader.first
    assert first is not None  # noqa: S101 - a shard has been opened
    return first.names["text"], first.names["label"]


def _choose_labels(survey: Survey, notes: list[str]) -> tuple[tuple[str, ...], Indices]:
    """Keep the labels of enough strings: their names, and the class of each label by number."""
    file = survey.reader.file
    names = list(survey.reader.numbers)
    if not names:
        raise DataError(
            f"{file.path}: {NO_ROWS}; is its first row one? say data.file.header: false"
        )
    sizes = dict(zip(names, survey.strings.tolist(), strict=True))
    kept = tuple(sorted(name for name in names if sizes[name] >= file.min_examples))
    rare = [f"{name!r} ({sizes[name]})" for name in sorted(names) if name not in kept]
    if rare:
        notes.append(
            f"{count(len(rare), 'class')} left out, with fewer than "
            f"{count(file.min_examples, 'string')}: {', '.join(list_first(rare, len(rare)))}"
        )
    rows = dict(zip(names, survey.row_labels.tolist(), strict=True))
    check_left_out(file, rows, kept, survey.reader.notes)
    if len(kept) < 2:
        left = f"only one is left: {kept[0]!r}" if kept else "none is left"
        raise DataError("\n".join([f"{file.path}: two classes are needed, {left}", *notes]))
    places = {name: place for place, name in enumerate(kept)}
    return kept, np.array([places.get(name, -1) for name in names], np.int64)


def _class_sizes(
    survey: Survey, classes: Indices, held_out: Sequence[LabelledStrings], num_classes: int
) -> Indices:
    """Count the training strings of each class: all, less those that are held out."""
    strings = survey.strings.copy()
    for held in held_out:
        np.subtract.at(strings, held.labels, held.votes)
    sizes = np.zeros(num_classes, np.int64)
    np.add.at(sizes, classes[classes >= 0], strings[classes >= 0])
    return sizes


def _take(held: LabelledStrings, classes: Indices, most: int | None = None) -> Examples:
    """Take distinct strings in the order of their hashes, but for those of labels left out."""
    chosen = held.choose_labels()
    found = classes[chosen.labels]
    places = np.flatnonzero(found >= 0)[:most]
    return Examples(chosen.texts.take(places), found[places])


def _describe(
    survey: Survey, stream: StreamedStrings, splits: Mapping[str, Examples]
) -> Iterator[str]:
    rows, strings = int(survey.row_labels.sum()), int(survey.strings.sum())
    yield (
        f"{count(rows, 'row')} in {count(stream.num_shards, 'shard')}; within a window of "
        f"{stream.window:,} rows {count(rows - strings, 'duplicate')} dropped"
    )
    yield (
        f"{count(len(stream), 'training string')} are read anew in each epoch; kept are "
        f"{len(splits['validation']):,} of validation, {len(splits['test']):,} of the test, and a "
        f"sample of {len(splits['train']):,} of training, for n-grams and the linear model"
    )


def _check_splits(dataset: Dataset, stream: StreamedStrings) -> None:
    """Refuse a split without strings, and a class that has none to learn from."""
    path = stream.reader.file.path
    for name, size in dataset.sizes.items():
        if not size:
            raise DataError("\n".join([f"{path}: no strings are left for {name}", *dataset.notes]))
    if unlearnt := [dataset.labels[place] for place in np.flatnonzero(stream.class_sizes == 0)]:
        raise DataError(
            f"{path}: no string to learn {', '.join(map(repr, unlearnt))} from; add some"
        )
