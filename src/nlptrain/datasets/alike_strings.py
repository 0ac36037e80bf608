"""Strings that differ, but not to the network: a task draws each once, and a cut makes some equal.

Files go through the same rules row by row, in `distinct_strings`.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from nlptrain.datasets.cleaning_report import count
from nlptrain.datasets.distinct_strings import merge_rows, number_strings
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.errors import DataError
from nlptrain.text.reading import Reading


def tell_apart(dataset: Dataset, reading: Reading) -> Dataset:
    """See to it that no two strings of a task read alike, the fresh and the further ones too.

    Raises:
        DataError: Too few strings are left.
    """
    merged = _merge_alike(dataset, reading)
    if (draw := dataset.fresh) is not None:
        merged = replace(merged, fresh=lambda epoch: _draw_unread(draw(epoch), merged, reading))
    if (other := dataset.other_lengths) is not None:
        kept = _keep_unread(other, reading, merged.splits.values())
        if not len(kept):
            raise _too_few("data.evaluate_lengths: no string is left", reading)
        merged = replace(merged, other_lengths=kept)
    return merged


def read_splits(dataset: Dataset, reading: Reading) -> Dataset:
    """Put strings as the network reads them into the splits, to look at."""
    train, validation, test = (
        Examples(reading.read(split.texts), split.classes) for split in dataset.splits.values()
    )
    return replace(dataset, train=train, validation=validation, test=test)


def _merge_alike(dataset: Dataset, reading: Reading) -> Dataset:
    """Make one string of those that read alike, in the last of their splits."""
    splits = list(dataset.splits.values())
    texts = [text for split in splits for text in split.texts]
    ids = number_strings(reading.read(texts))
    owners = np.repeat(np.arange(len(splits)), [len(split) for split in splits])
    classes = np.concatenate([split.classes for split in splits])
    strings, several = merge_rows(texts, ids, classes, owners)
    alike = len(texts) - len(strings.texts)
    if not alike:
        return dataset
    conflicts = int((several > 1).sum())
    note = (
        f"{count(len(texts), 'string')}, of which {alike:,} differ from another only "
        f"{reading.describe()}, which the network does not see: left out, first from training"
    )
    if conflicts:
        note += f"; {count(conflicts, 'string')} of several classes: the most frequent one"
    kept = [strings.keep(strings.files == place) for place in range(len(splits))]
    train, validation, test = (Examples(split.texts, split.classes) for split in kept)
    counts = {**dataset.counts, "alike": alike, "conflicts": conflicts}
    merged = replace(
        dataset,
        train=train,
        validation=validation,
        test=test,
        notes=(*dataset.notes, note),
        counts=counts,
    )
    _check_enough(merged, reading)
    return merged


def _draw_unread(drawn: Examples, dataset: Dataset, reading: Reading) -> Examples:
    """Take an epoch's strings without those of validation and test, as many as the first had."""
    kept = _keep_unread(drawn, reading, [dataset.validation, dataset.test])
    if not len(kept):
        raise _too_few("data.fresh: no string is left for an epoch", reading)
    # Some come twice, as they do where a task has too few.
    places = np.resize(np.arange(len(kept)), len(dataset.train))
    return kept.take(places)


def _keep_unread(examples: Examples, reading: Reading, others: Iterable[Examples]) -> Examples:
    """Keep strings that read like none of the others, and of those that read alike one."""
    seen = {each for other in others for each in reading.read(other.texts)}
    readings = reading.read(examples.texts)
    free = np.array([place for place, each in enumerate(readings) if each not in seen], np.int64)
    ids = number_strings([readings[place] for place in free])
    texts = [examples.texts[place] for place in free]
    strings, _ = merge_rows(texts, ids, examples.classes[free], np.zeros_like(ids))
    return Examples(strings.texts, strings.classes)


def _check_enough(dataset: Dataset, reading: Reading) -> None:
    """Refuse what cannot be trained on."""
    for name, size in dataset.sizes.items():
        if not size:
            raise _too_few(f"data.task: no string is left for {name}", reading)
    learnt = np.bincount(dataset.train.classes, minlength=len(dataset.labels))
    for place in np.flatnonzero(learnt == 0):
        label = dataset.labels[place]
        raise _too_few(f"data.task: no string of {label!r} is left to learn from", reading)


def _too_few(what: str, reading: Reading) -> DataError:
    return DataError(
        f"{what}: all others differ only {reading.describe()}; let the network see more of them"
    )
