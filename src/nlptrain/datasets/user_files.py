"""The user's own files → a dataset: read, clean by the rules of the config, split.

Classes are numbered in the alphabetical order of their labels. With files of their own for
validation or test, a string that stands in several files stays in the test first, then in
validation; a split without a file is drawn from the main one.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.data import DataFile, Folds, SplitFractions
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import CleaningReport, count
from nlptrain.datasets.distinct_strings import (
    DistinctStrings,
    Rows,
    number_strings,
    settle_duplicates,
)
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.datasets.folds import draw_folds
from nlptrain.datasets.groups import join_groups, share_groups
from nlptrain.datasets.label_rules import check_left_out, describe_alike_labels, rename_labels
from nlptrain.datasets.labelled_rows import LabelledRows, check_bad_rows, read_labelled_rows
from nlptrain.datasets.labelled_table import SPLIT_NAMES
from nlptrain.datasets.settled_classes import settle_conflicts, settle_rare_classes
from nlptrain.datasets.split import TEST, TRAIN, VALIDATION, split_by_class
from nlptrain.errors import DataError
from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.reading import Reading
from nlptrain.text.string_column import StringColumn


def read_files(
    file: DataFile, text: TextSection, *, keep_written: bool = False
) -> dict[int, LabelledRows]:
    """Read the rows of a config's files, by the split that each file is given for.

    Args:
        file: The files, and how they are read.
        text: How strings are normalized.
        keep_written: Whether to keep the strings as they stand in the files, too.

    Raises:
        DataError: A file cannot be read, lacks a column, or has no rows.
    """
    paths = {TRAIN: file.path, VALIDATION: file.validation_path, TEST: file.test_path}
    return {
        split: read_labelled_rows(path, file, text, keep_written=keep_written)
        for split, path in paths.items()
        if path is not None
    }


def settle_files(
    files: dict[int, LabelledRows],
    file: DataFile,
    fractions: SplitFractions,
    text: TextSection,
    *,
    seed: int,
    folds: Folds | None = None,
) -> Dataset:
    """Apply the rules to the rows of the files, and split them.

    Args:
        files: What `read_files` returned.
        file: How they were read, and the rules.
        fractions: The splits' shares of the main file; those of given splits are not used.
        text: The settings that decide which strings are the same.
        seed: Decides the split.
        folds: The turn of a cross-validation, whose held-out part is the test.

    Raises:
        DataError: They have bad rows, or cannot give two classes in three splits.
    """
    report = CleaningReport()
    report.notes.extend(note for rows in files.values() for note in rows.notes)
    _settle_bad_rows(list(files.values()), file, report)
    rename_labels(list(files.values()), file.labels)
    origins = _find_origins(files)
    strings, labels = _clean(files, origins, file, Reading.of(text), report)
    given = set(np.unique(origins).tolist())
    if file.split is not None or len(files) > 1:
        splits = _complete_splits(strings, given, file, fractions, seed, report)
    else:
        splits = _draw_splits(strings, fractions, folds, seed)
    train, validation, test = (
        Examples(strings.texts.take(places), strings.classes[places])
        for places in (np.flatnonzero(splits == split) for split in (TRAIN, VALIDATION, TEST))
    )
    dataset = Dataset(
        train,
        validation,
        test,
        labels,
        tuple(report.notes),
        report.counts,
        columns=files[TRAIN].columns,
    )
    _check_splits(dataset, file)
    return dataset


def _settle_bad_rows(files: Sequence[LabelledRows], file: DataFile, report: CleaningReport) -> None:
    """Stop at bad rows, or count them."""
    if file.bad_rows == "error":
        check_bad_rows([(rows.path, rows.bad) for rows in files])
    bad_rows = sum(rows.bad.number for rows in files)
    report.counts["rows"] = bad_rows + sum(len(rows.texts) for rows in files)
    first = next((line for rows in files for line in rows.bad.listed), "")
    report.add("bad_rows", bad_rows, f"{count(bad_rows, 'bad row')} skipped; the first: {first}")
    report.notes.extend(f"{rows.path}: {rows.bad.fault}" for rows in files if rows.bad.fault)


def _find_origins(files: dict[int, LabelledRows]) -> NDArray[np.signedinteger]:
    """Find which split each row is given for: by its file, or by the column of splits."""
    if any(len(rows.splits) for rows in files.values()):
        return np.concatenate([rows.splits for rows in files.values()])
    return np.repeat(np.array(list(files), np.int8), [len(rows.texts) for rows in files.values()])


def _clean(
    files: dict[int, LabelledRows],
    origins: NDArray[np.signedinteger],
    file: DataFile,
    reading: Reading,
    report: CleaningReport,
) -> tuple[DistinctStrings, tuple[str, ...]]:
    """Apply the rules for duplicates, conflicts and rare classes to the rows of all files."""
    texts = StringColumn.join([part.texts for part in files.values()])
    labels_of_rows = CodedColumn.join([part.labels for part in files.values()])
    rows = Rows(texts, reading.read(texts), labels_of_rows, origins)
    strings, labels, several = settle_duplicates(rows, report)
    _report_alike(rows, reading, report)
    groups = [group for part in files.values() for group in part.groups]
    if groups:
        joined = join_groups(rows.distinct_readings, rows.readings, groups, report)
        strings = replace(strings, groups=joined)
    strings = settle_conflicts(strings, several, file.conflicts, rows, report)
    report.add("alike_labels", *describe_alike_labels(labels_of_rows))
    strings, labels = settle_rare_classes(strings, labels, file.min_examples, report)
    check_left_out(
        file, labels_of_rows.sizes, labels, [n for part in files.values() for n in part.notes]
    )
    if len(labels) < 2:
        left = f"only one is left: {labels[0]!r}" if labels else "none is left"
        raise DataError("\n".join([f"{file.path}: two classes are needed, {left}", *report.notes]))
    return strings, labels


def _report_alike(rows: Rows, reading: Reading, report: CleaningReport) -> None:
    """Report how many strings differ for the user and are the same to the network."""
    if rows.readings is rows.texts:
        return
    alike = int(number_strings(rows.texts).max(initial=-1)) + 1 - report.counts["distinct_strings"]
    if alike:
        report.add(
            "alike",
            alike,
            f"of the duplicates, different only {reading.describe()}, which the network does not "
            f"see: {alike:,}",
        )


def _draw_splits(
    strings: DistinctStrings, fractions: SplitFractions, folds: Folds | None, seed: int
) -> NDArray[np.signedinteger]:
    """Draw each string's split; with folds the held-out one is the test."""
    validation, test = fractions.validation, fractions.test
    if folds is None:
        return _draw_shares(strings, validation, test, seed)
    fold = draw_folds(strings.classes, strings.groups, folds.number, seed)
    splits = np.full(len(fold), TEST, np.int8)
    rest = fold != folds.held_out - 1
    splits[rest] = _draw_shares(strings.keep(rest), validation, 0.0, seed)
    return splits


def _draw_shares(
    strings: DistinctStrings, validation: float, test: float, seed: int
) -> NDArray[np.signedinteger]:
    """Draw splits of these shares, by string or by group."""
    if strings.groups is None:
        return split_by_class(strings.classes, validation, test, seed)
    shares = {TRAIN: 1 - validation - test, VALIDATION: validation, TEST: test}
    wanted = {split: share for split, share in shares.items() if share > 1e-9}
    places = share_groups(strings.classes, strings.groups, list(wanted.values()), seed)
    return np.array(list(wanted), np.int64)[places]


def _complete_splits(
    strings: DistinctStrings,
    given: set[int],
    file: DataFile,
    fractions: SplitFractions,
    seed: int,
    report: CleaningReport,
) -> NDArray[np.signedinteger]:
    """Take the given splits, and draw from training those that are not given."""
    splits = strings.files.copy()
    missing = {VALIDATION, TEST} - given
    if missing:
        is_main = splits == TRAIN
        wanted = {VALIDATION: fractions.validation, TEST: fractions.test}
        shares = [wanted[split] if split in missing else 0.0 for split in (VALIDATION, TEST)]
        splits[is_main] = split_by_class(strings.classes[is_main], shares[0], shares[1], seed)
        name = " and none ".join(n for n, split in SPLIT_NAMES.items() if split in missing)
        each = "it" if len(missing) == 1 else "each"
        if file.split is None:
            found, source = f"no {name} file", Path(file.path).name
        else:
            found, source = f"no row says {name}", "train"
        report.notes.append(
            f"{found}: {100 * max(shares):.3g}% of the strings of {source} were drawn for {each}"
        )
    return splits


def _check_splits(dataset: Dataset, file: DataFile) -> None:
    """Refuse a split without strings, and a class that has none to learn from."""
    for name, examples in dataset.splits.items():
        if not len(examples):
            why = "; too few groups" if file.group is not None else ""
            raise DataError("\n".join([f"no strings are left for {name}{why}", *dataset.notes]))
    learnt = np.bincount(dataset.train.classes, minlength=len(dataset.labels))
    unlearnt = [repr(dataset.labels[place]) for place in np.flatnonzero(learnt == 0)]
    if unlearnt:
        paths = [path for path in (file.validation_path, file.test_path) if path]
        raise DataError(
            f"{file.path}: no string to learn {', '.join(unlearnt)} from, which stands in "
            f"{' and '.join(paths) or 'the other splits'}; add some, or take the label out there"
        )
