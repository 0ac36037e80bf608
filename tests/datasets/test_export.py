import csv

import numpy as np
import polars as pl
import pytest

from nlptrain.config.data import DataFile, SplitFractions
from nlptrain.config.text import TextSection
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.datasets.export import export_dataset, pick_examples
from nlptrain.datasets.user_files import read_files, settle_files
from nlptrain.errors import DataError

TEXTS = [
    "a",
    "",
    'say "hi"',
    "x,y",
    " end ",
    "é😀",
    "two\nlines",
    "tab\t",
    "null",
    "1",
    "0.10",
    "z",
]


@pytest.fixture
def dataset():
    """Make a dataset of strings that a careless table would change."""
    classes = np.arange(len(TEXTS)) % 2
    splits = [Examples(TEXTS[at::3], classes[at::3]) for at in range(3)]
    return Dataset(*splits, labels=("no", "yes"))


def expected_rows(dataset):
    return [
        (text, dataset.labels[index], name)
        for name, split in dataset.splits.items()
        for text, index in zip(split.texts, split.classes, strict=True)
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_written_examples_come_back_with_their_splits(dataset, tmp_path, ending):
    path = tmp_path / f"data.{ending}"
    export_dataset(dataset, path)
    file = DataFile(path=str(path), split="split", strip=False, min_examples=1)
    read = settle_files(
        read_files(file, TextSection()), file, SplitFractions(), TextSection(), seed=5
    )
    assert read.fingerprint == dataset.fingerprint
    assert read.notes == ()


def test_pythons_csv_module_reads_the_csv(dataset, tmp_path):
    export_dataset(dataset, tmp_path / "data.csv")
    with (tmp_path / "data.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["text", "label", "split"]
    assert list(map(tuple, rows)) == expected_rows(dataset)


@pytest.mark.parametrize(
    ("ending", "read"), [("jsonl", pl.read_ndjson), ("parquet", pl.read_parquet)]
)
def test_polars_reads_the_others(dataset, tmp_path, ending, read):
    export_dataset(dataset, tmp_path / f"data.{ending}")
    assert read(tmp_path / f"data.{ending}").rows() == expected_rows(dataset)


@pytest.mark.parametrize("name", ["data.txt", "data.tsv", "data"])
def test_other_formats_are_refused_and_nothing_is_written(dataset, tmp_path, name):
    with pytest.raises(DataError, match=r"data"):
        export_dataset(dataset, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_picks_are_the_first_of_each_class_and_split(dataset):
    picks = pick_examples(dataset, 1)
    assert [(pick.split, pick.label, pick.strings) for pick in picks][:3] == [
        ("train", "no", 2),
        ("train", "yes", 2),
        ("validation", "no", 2),
    ]
    assert picks[0].texts == ["a"]
