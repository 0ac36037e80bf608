"""A dataset as rows of text, label and split: to look at, and for other tools to read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlptrain.datasets.examples import Dataset
from nlptrain.datasets.tables.layout import find_output_format
from nlptrain.datasets.tables.writer import write_columns
from nlptrain.errors import DataError

FORMATS = ("csv", "jsonl", "parquet")


@dataclass(frozen=True)
class Pick:
    """Some strings of one class in one split.

    Attributes:
        split: train, validation or test.
        label: The class.
        texts: Its first strings there.
        strings: How many it has there.
    """

    split: str
    label: str
    texts: list[str]
    strings: int


def pick_examples(dataset: Dataset, number: int, most: int | None = None) -> list[Pick]:
    """Pick the first strings of each class in each split.

    Args:
        dataset: The examples.
        number: Strings of each class and split.
        most: Classes, those with the most training strings; None: all of them.
    """
    sizes = np.bincount(dataset.train.classes, minlength=len(dataset.labels))
    chosen = np.sort(np.argsort(-sizes, kind="stable")[:most]).tolist()
    picks = []
    for name, split in dataset.splits.items():
        order = np.argsort(split.classes, kind="stable")
        ends = np.cumsum(np.bincount(split.classes, minlength=len(dataset.labels)))
        for index in chosen:
            places = order[ends[index - 1] if index else 0 : ends[index]]
            texts = [split.texts[place] for place in places[:number].tolist()]
            picks.append(Pick(name, dataset.labels[index], texts, len(places)))
    return picks


def export_dataset(dataset: Dataset, path: Path, *, safe_csv: bool = False) -> None:
    """Write all examples to a table of the columns text, label and split.

    Args:
        dataset: The examples.
        path: Its ending says the format: .csv, .jsonl or .parquet; .csv.gz is compressed.
        safe_csv: Whether text that a spreadsheet would run as a formula gets an apostrophe.

    Raises:
        DataError: The ending is another one, or the file cannot be written.
    """
    table_format = find_output_format(path)
    if table_format not in FORMATS:
        raise DataError(f"{path}: the table's format is one of {', '.join(FORMATS)}")
    splits = dataset.splits
    labels = [dataset.labels[index] for split in splits.values() for index in split.classes]
    columns = {
        "text": [text for split in splits.values() for text in split.texts],
        "label": labels,
        "split": [name for name, split in splits.items() for _ in split.texts],
    }
    write_columns(path, columns, table_format, safe_csv=safe_csv)
