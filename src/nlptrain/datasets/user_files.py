"""The user's own files → a dataset: read, clean by the rules of the config, split.

Classes are numbered in the alphabetical order of their labels. With files of their own for
validation or test, a string that stands in several files stays in the test first, then in
validation; a split without a file is drawn from the main one.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.data import DataFile, SplitFractions
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import CleaningReport, count
from nlptrain.datasets.distinct_strings import (
    DistinctStrings,
    settle_conflicts,
    settle_duplicates,
    settle_rare_classes,
)
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.datasets.labelled_rows import LabelledRows, check_bad_rows, read_labelled_rows
from nlptrain.datasets.split import TEST, TRAIN, VALIDATION, split_by_class
from nlptrain.errors import DataError

SHARE_WITHOUT_FILE = 0.1
"""Share of the main file for a split that has no file while the other one has."""


def read_dataset(
    file: DataFile, fractions: SplitFractions, text: TextSection, *, seed: int
) -> Dataset:
    """Read the files, apply the rules, split.

    Args:
        file: The files, how they are read, and the rules.
        fractions: The splits' shares, where there is one file.
        text: The normalization that decides which strings are the same.
        seed: Decides the split.

    Raises:
        DataError: A file cannot be read, or they cannot give two classes in three splits.
    """
    paths = {TRAIN: file.path, VALIDATION: file.validation_path, TEST: file.test_path}
    files = {
        split: read_labelled_rows(path, file, text)
        for split, path in paths.items()
        if path is not None
    }
    report = CleaningReport()
    _settle_bad_rows(list(files.values()), file, report)
    strings, labels = _clean(files, file, report)
    splits = _split(strings, files, fractions, seed, report)
    train, validation, test = (
        Examples(kept.texts, kept.classes)
        for kept in (strings.keep(splits == split) for split in (TRAIN, VALIDATION, TEST))
    )
    dataset = Dataset(train, validation, test, labels, tuple(report.notes), report.counts)
    _check_splits(dataset, files)
    return dataset


def _settle_bad_rows(files: Sequence[LabelledRows], file: DataFile, report: CleaningReport) -> None:
    """Stop at bad rows, or count them."""
    if file.bad_rows == "error":
        check_bad_rows(files)
    bad_rows = sum(rows.bad_rows for rows in files)
    report.counts["rows"] = bad_rows + sum(len(rows.texts) for rows in files)
    first = next((line for rows in files for line in rows.listed), "")
    report.add("bad_rows", bad_rows, f"{count(bad_rows, 'bad row')} skipped; the first: {first}")


def _clean(
    files: dict[int, LabelledRows], file: DataFile, report: CleaningReport
) -> tuple[DistinctStrings, tuple[str, ...]]:
    """Apply the rules for duplicates, conflicts and rare classes to the rows of all files."""
    rows = {
        "texts": [text for part in files.values() for text in part.texts],
        "labels": [label for part in files.values() for label in part.labels],
    }
    origins = np.repeat(list(files), [len(part.texts) for part in files.values()])
    strings, labels, several = settle_duplicates(rows["texts"], rows["labels"], origins, report)
    strings = settle_conflicts(strings, several, file.conflicts, rows, report)
    strings, labels = settle_rare_classes(strings, labels, file.min_examples, report)
    if len(labels) < 2:
        left = f"only one is left: {labels[0]!r}" if labels else "none is left"
        raise DataError("\n".join([f"{file.path}: two classes are needed, {left}", *report.notes]))
    return strings, labels


def _split(
    strings: DistinctStrings,
    files: dict[int, LabelledRows],
    fractions: SplitFractions,
    seed: int,
    report: CleaningReport,
) -> NDArray[np.int64]:
    """Tell each string's split: its file's, or drawn from the main file."""
    if list(files) == [TRAIN]:
        return split_by_class(strings.classes, fractions.validation, fractions.test, seed)
    splits = strings.files.copy()
    missing = {VALIDATION, TEST} - set(files)
    if missing:
        is_main = splits == TRAIN
        shares = [SHARE_WITHOUT_FILE if split in missing else 0.0 for split in (VALIDATION, TEST)]
        splits[is_main] = split_by_class(strings.classes[is_main], shares[0], shares[1], seed)
        name = "validation" if VALIDATION in missing else "test"
        report.notes.append(
            f"no {name} file: {SHARE_WITHOUT_FILE:.0%} of the strings of "
            f"{Path(files[TRAIN].path).name} were drawn for it"
        )
    return splits


def _check_splits(dataset: Dataset, files: dict[int, LabelledRows]) -> None:
    """Refuse a split without strings, and a class that has none to learn from."""
    for name, examples in dataset.splits.items():
        if not len(examples):
            raise DataError("\n".join([f"no strings are left for {name}", *dataset.notes]))
    learnt = np.bincount(dataset.train.classes, minlength=len(dataset.labels))
    unlearnt = [repr(dataset.labels[place]) for place in np.flatnonzero(learnt == 0)]
    if unlearnt:
        others = " and ".join(rows.path for split, rows in files.items() if split != TRAIN)
        raise DataError(
            f"{files[TRAIN].path}: no string to learn {', '.join(unlearnt)} from, which stands in "
            f"{others}; add some, or take the label out there"
        )
