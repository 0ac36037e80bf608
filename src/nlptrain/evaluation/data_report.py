"""What reveals the labels of a dataset without understanding its strings: the leak report."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nlptrain.config.data import DataFile
from nlptrain.config.run import RunConfig
from nlptrain.datasets.alike_strings import read_splits
from nlptrain.datasets.build import build_dataset
from nlptrain.datasets.distinct_strings import number_strings
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.datasets.file_findings import find_in_files
from nlptrain.datasets.row_findings import Finding
from nlptrain.datasets.user_files import read_files
from nlptrain.evaluation.near_duplicates import NearDuplicates, find_near_duplicates
from nlptrain.evaluation.shallow_models import ShallowScore, score_shallow_models
from nlptrain.packages import require
from nlptrain.text.reading import Reading
from nlptrain.text.string_column import StringColumn, measure_lengths
from nlptrain.text.vocabulary import Vocabulary
from nlptrain.tracking.stage import stage

LENGTH_ROWS = 20
"""Rows of the table of classes by length; if there are more lengths, neighbours share one."""


@dataclass(frozen=True, eq=False)
class SplitSummary:
    """Statistics of one split.

    Attributes:
        examples: Number of strings.
        majority_rate: Share of its most frequent class.
        by_class: Strings of each class: (C,).
        shortest: Characters of the shortest string.
        longest: Characters of the longest string.
        unknown: Characters that are not in the training vocabulary.
    """

    examples: int
    majority_rate: float
    by_class: list[int]
    shortest: int
    longest: int
    unknown: int


@dataclass(frozen=True, eq=False)
class LengthRow:
    """How the strings within a range of lengths are distributed over the classes.

    Attributes:
        shortest: Shortest length, in characters.
        longest: Longest length, inclusive.
        by_class: Strings of each class in all splits: (C,).
    """

    shortest: int
    longest: int
    by_class: list[int]


@dataclass(frozen=True, eq=False)
class DataReport:
    """The leak report.

    Attributes:
        labels: Names of the classes, by class index.
        notes: How the data was cleaned before training.
        characters: Number of distinct characters in all splits.
        overlap: Validation or test strings that are also in training; 0 unless there is a bug.
        splits: By name.
        lengths: Classes by length.
        shallow: Scores of shallow baselines.
        near_duplicates: Strings in several spellings, by how these differ.
        findings: Anomalies in the rows of the user's files; none for a task.
    """

    labels: tuple[str, ...]
    notes: tuple[str, ...]
    characters: int
    overlap: int
    splits: dict[str, SplitSummary]
    lengths: list[LengthRow]
    shallow: list[ShallowScore]
    near_duplicates: list[NearDuplicates]
    findings: list[Finding]

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values."""
        return {**asdict(self), "shallow": [each.to_json() for each in self.shallow]}


def report_data(config: RunConfig) -> DataReport:
    """Build a config's data and look for what reveals the labels.

    Raises:
        ConfigError, DataError: The data cannot be read or drawn.
        MissingPackageError: There is no SciPy, for the linear models.
    """
    require("scipy", purpose="data report")
    with stage("reporting on the data"):
        return _report_data(config)


def _report_data(config: RunConfig) -> DataReport:
    source, text = config.data.source, config.text
    file = source if isinstance(source, DataFile) else None
    files = read_files(file, text, keep_written=True) if file else {}
    built = build_dataset(config.data, text, seed=config.seed, files=files)
    with stage("summarizing the splits"):
        vocabulary = Vocabulary.choose(text.vocabulary, built.train.texts, text.min_count)
        dataset = read_splits(built, Reading.of(text))
        num_classes = len(dataset.labels)
        splits = dataset.splits
        summaries = {
            name: _summarize(split, vocabulary, num_classes) for name, split in splits.items()
        }
        texts = StringColumn.join([StringColumn.of(split.texts) for split in splits.values()])
        characters = Vocabulary.build(texts, min_count=1).characters
        learnt, others = np.split(number_strings(texts), [len(dataset.train)])
        overlap = int(np.isin(others, learnt).sum())
        lengths = tabulate_lengths(list(splits.values()), num_classes)
    with stage("training shallow baselines"):
        shallow = score_shallow_models(
            dataset.train, dataset.validation, dataset.test, num_classes, seed=config.seed
        )
    with stage("looking for spellings of the same string"):
        near_duplicates = find_near_duplicates(dataset)
    with stage("looking for unusual rows"):
        findings = find_in_files(files, file, text) if file else []
    return DataReport(
        labels=dataset.labels,
        notes=dataset.notes,
        characters=len(characters),
        overlap=overlap,
        splits=summaries,
        lengths=lengths,
        shallow=shallow,
        near_duplicates=near_duplicates,
        findings=findings,
    )


def describe_majority(dataset: Dataset) -> str:
    """Describe the number of classes, and the accuracy of always guessing the most frequent."""
    sizes = np.bincount(dataset.train.classes, minlength=len(dataset.labels))
    label = dataset.labels[int(sizes.argmax())]
    share = 100 * sizes.max() / sizes.sum()
    return (
        f"{len(sizes):,} classes; always guessing {label!r} is right for "
        f"{share:.{1 if share >= 1 else 2}f} % of the training strings"
    )


def tabulate_lengths(splits: Sequence[Examples], num_classes: int) -> list[LengthRow]:
    """Count the classes by length, in rows of about equally many strings."""
    lengths = np.concatenate([measure_lengths(split.texts) for split in splits])
    classes = np.concatenate([split.classes for split in splits])
    found = np.unique(lengths)
    shortest = found
    if len(found) > LENGTH_ROWS:
        cuts = np.linspace(0, 1, LENGTH_ROWS, endpoint=False)
        shortest = np.unique(np.quantile(lengths, cuts, method="lower"))
    longest = found[np.append(np.searchsorted(found, shortest[1:]), len(found)) - 1]
    places = np.searchsorted(longest, lengths)
    cells = np.bincount(places * num_classes + classes, minlength=len(shortest) * num_classes)
    rows = cells.reshape(-1, num_classes).tolist()
    return list(map(LengthRow, shortest.tolist(), longest.tolist(), rows))


def _summarize(split: Examples, vocabulary: Vocabulary, num_classes: int) -> SplitSummary:
    sizes = np.bincount(split.classes, minlength=num_classes)
    lengths = measure_lengths(split.texts)
    return SplitSummary(
        examples=len(split),
        majority_rate=float(sizes.max() / len(split)),
        by_class=sizes.tolist(),
        shortest=int(lengths.min()),
        longest=int(lengths.max()),
        unknown=vocabulary.encode(split.texts).unknown,
    )
